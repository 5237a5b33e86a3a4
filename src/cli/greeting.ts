import type { FirstStart } from '../manage/first-start.ts'
import { VERSION } from '../manage/version.ts'

/** What `start` tells people once the server answers; the keys only when they are new. */
export function greeting({ backend, setupToken }: FirstStart, url: string): string[] {
  return [
    `Homeport ${VERSION} is ready at ${url}`,
    ...(backend?.clientId ? firstCall(backend.name, backend.clientId, url) : []),
    ...(setupToken ? firstAdministrator(setupToken, url) : []),
  ]
}

function firstCall(name: string, appKey: string, url: string): string[] {
  const fields = ['username=ada', 'password=lovelace', 'password_confirmation=lovelace']
  return [
    '',
    `A backend "${name}" was made. Its App Key:`,
    '',
    `  ${appKey}`,
    '',
    'Make a user on it:',
    '',
    `  curl ${fields.map((field) => `-F ${field}`).join(' ')} '${url}/v1/users/create.json?key=${appKey}'`,
  ]
}

function firstAdministrator(token: string, url: string): string[] {
  return [
    '',
    'Make the first administrator, within 30 minutes:',
    '',
    `  ${url}/setup?token=${token}`,
    '',
  ]
}
