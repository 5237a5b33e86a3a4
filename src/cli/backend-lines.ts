import type { ShownBackend } from '../manage/backends.ts'
import { columns } from './output.ts'

/** A backend with its keys, for people. */
export function backendLines(backend: ShownBackend): string[] {
  return columns([
    ['Backend', `${backend.name} ${backend.version} (${backend.state})`],
    ['Id', backend.id],
    ['App Key, client id', backend.clientId ?? 'revoked'],
    ['Client secret', backend.clientSecret ?? 'revoked'],
    ['Basic auth backend id', backend.basicAuthBackendId ?? 'revoked'],
    ['Doors', doorsOf(backend)],
  ])
}

function doorsOf({ basicAuth, oauth }: ShownBackend): string {
  const doors = [...(basicAuth ? ['App Key and HTTP Basic'] : []), ...(oauth ? ['OAuth'] : [])]
  return doors.join(', ') || 'all shut'
}
