import type { ToolsContext } from '../context.ts'
import { findTeamClient } from '../team/team-client.ts'

/** Facts about this installation. */
export type Environment = {
  readonly baseUri: string
  readonly displayName: string
  readonly envId: string
  readonly oauthServer: string
  readonly serviceName: string
  readonly version: string
}

/** @param requestBase where the caller reaches this server, without a final slash */
export async function environmentOf(
  { store, publicUrl }: ToolsContext,
  requestBase: string,
): Promise<Environment> {
  const baseUri = publicUrl ?? requestBase
  // The team's client is made once, at the first start: so its id tells installations apart.
  const client = await findTeamClient(store)
  return {
    baseUri,
    displayName: 'Homeport',
    envId: client?.id ?? '',
    oauthServer: `${baseUri}/oauth2/v1/token`,
    serviceName: 'homeport',
    version: TOOLS_VERSION,
  }
}

/** Of the tools API, as its address says. */
const TOOLS_VERSION = '1.0'
