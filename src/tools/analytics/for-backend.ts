import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { findNamed } from '../named/store.ts'
import { valueFor } from '../policies/policy.ts'
import { ANALYTICS_APPS } from './app.ts'

/** The app that collects the events of a backend: that which a policy names, or else its own. */
export async function analyticsAppFor(
  tools: Pick<ToolsContext, 'store'>,
  backend: {
    readonly name: string
    readonly version: string
    readonly analyticsAppGuid: string | null
  },
): Promise<StoredRecord | null> {
  const named = await valueFor(tools, 'Analytics_ApplicationGuid', { backend })
  const guid = named ?? backend.analyticsAppGuid
  return guid === null ? null : findNamed(tools, ANALYTICS_APPS, guid)
}
