import { readFileSync } from 'node:fs'
import { assetLines } from './asset-lines.ts'
import type { AssetNoun } from './asset-nouns.ts'
import { type Call, type Command, defineCommand, type Options, UsageError } from './command.ts'
import { manage } from './manage.ts'

const VERSION = { value: 'VERSION', about: 'Version, 1.0 unless given.' }
const NAME = { value: 'NAME', about: 'Name, unique with the version.', required: true }

type Form = {
  readonly options: Options
  readonly positionals?: readonly string[]
  /** As the tools API takes them. */
  fields(call: Call): object
}

/** What each type takes to be made. */
const FORMS: Readonly<Record<Exclude<AssetNoun, 'implementation' | 'package'>, Form>> = {
  api: {
    options: {
      name: { value: 'NAME', about: 'Name, as in its path; unless given, that of the definition.' },
      version: { value: 'VERSION', about: 'Version; unless given, that of the definition.' },
      login: { value: 'TYPE', about: 'Who must be logged in: ENTERPRISE or IDENTITYPROVIDER.' },
      roles: { value: 'ROLES', about: 'The roles of which a user needs one, with commas between.' },
    },
    positionals: ['FILE'],
    fields: ({ values, positionals }) => {
      const { name, version, login, roles } = values
      if (roles !== undefined && login === undefined) {
        throw new UsageError('--roles goes with --login: whoever has a role is logged in.')
      }
      return {
        ...{ name, version, apiDefn: readText(positionals[0] ?? '') },
        ...(login !== undefined && { security: { type: login, roles: rolesIn(roles) } }),
      }
    },
  },
  collection: {
    options: {
      name: NAME,
      version: VERSION,
      'user-isolated': { about: 'Each user sees only their own objects.' },
      sync: { about: 'Clients may keep copies.' },
    },
    fields: ({ values: { name, version, 'user-isolated': userIsolated, sync: syncControl } }) => {
      return { name, version, userIsolated, syncControl }
    },
  },
  connector: {
    options: {
      name: NAME,
      version: VERSION,
      type: { value: 'TYPE', about: 'What it speaks, such as REST.' },
      url: { value: 'URL', about: 'Where the service behind it is.' },
    },
    fields: ({ values: { name, version, type: connectorType, url: remoteUrl } }) => {
      return { name, version, connectorType, remoteUrl }
    },
  },
  client: {
    options: {
      name: NAME,
      version: VERSION,
      'app-id': { value: 'ID', about: 'What its store knows it by.', required: true },
      platform: { value: 'PLATFORM', about: 'IOS, ANDROID, WINDOWS or WEB.' },
      backend: { value: 'ID', about: 'The id of its backend.' },
    },
    fields: ({ values: { name, version, 'app-id': appId, platform, backend: backendId } }) => {
      return { name, version, appId, platform, backendId }
    },
  },
}

export function assetCreate(noun: AssetNoun, what: string): Command {
  if (noun === 'implementation' || noun === 'package') {
    throw new RangeError(`nobody makes ${what} of nothing`)
  }
  const { options, positionals = [], fields } = FORMS[noun]
  return defineCommand({
    name: `${noun} create`,
    about: `Make ${what}${noun === 'api' ? ' of a file in RAML or OpenAPI; - is stdin' : ''}.`,
    options,
    positionals,
    async run(call) {
      const given = JSON.stringify(fields(call))
      const made = await manage(call, 'asset.create', { noun, fields: given })
      call.output.result(made, { lines: assetLines(made), brief: made.id })
      return 0
    },
  })
}

function readText(file: string): string {
  return readFileSync(file === '-' ? 0 : file, 'utf8')
}

function rolesIn(text: unknown): string[] {
  return String(text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
