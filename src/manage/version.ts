import { readFileSync } from 'node:fs'

const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')

/** The version of this program, as in package.json. */
export const VERSION: string = (JSON.parse(file) as { version: string }).version
