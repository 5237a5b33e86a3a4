import type { ShownAsset } from '../manage/assets.ts'
import { assetCreate } from './asset-create.ts'
import { assetLines } from './asset-lines.ts'
import { type AssetNoun, type AssetVerb, hasVerb } from './asset-nouns.ts'
import { type Command, defineCommand } from './command.ts'
import { manage } from './manage.ts'
import { columns } from './output.ts'

/** What one and several of a type are called. */
const WORDS: Readonly<Record<AssetNoun, readonly [one: string, several: string]>> = {
  api: ['a custom API', 'custom APIs'],
  implementation: ['an implementation of an API', 'implementations of APIs'],
  collection: ['a storage collection', 'storage collections'],
  connector: ['a connector', 'connectors'],
  client: ['a client app', 'client apps'],
  package: ['a package', 'packages'],
}

const COMMENT = { value: 'TEXT', about: 'Why; the history keeps it.' }

/** A command of a type of assets that is no more than what it declares. */
export function assetCommand(noun: AssetNoun, verb: AssetVerb): Command {
  if (!hasVerb(noun, verb)) throw new RangeError(`there is no ${noun} ${verb}`)
  switch (verb) {
    case 'list':
      return list(noun)
    case 'show':
      return show(noun)
    case 'create':
      return assetCreate(noun, WORDS[noun][0])
    case 'publish':
      return publish(noun)
    case 'version':
      return version(noun)
    case 'purge':
      return purge(noun)
    case 'trash':
      return simple(noun, verb, `Put ${WORDS[noun][0]} into the trash.`)
    case 'restore':
      return simple(noun, verb, `Take ${WORDS[noun][0]} out of the trash, by its id.`)
  }
}

function list(noun: AssetNoun): Command {
  return defineCommand({
    name: `${noun} list`,
    about: `List the ${WORDS[noun][1]}.`,
    options: {},
    async run(call) {
      const result = await manage(call, 'asset.list', { noun })
      const rows = result.assets.map(({ id, name, version, state }) => [name, version, state, id])
      const lines = rows.length > 0 ? columns(rows) : [`There are no ${WORDS[noun][1]} yet.`]
      call.output.result(result, { lines, brief: result.assets.map(({ id }) => id).join('\n') })
      return 0
    },
  })
}

function show(noun: AssetNoun): Command {
  return defineCommand({
    name: `${noun} show`,
    about: `Print ${WORDS[noun][0]}.`,
    options: {},
    positionals: [nameOf(noun)],
    async run(call) {
      const [asset = ''] = call.positionals
      const found = await manage(call, 'asset.show', { noun, asset })
      call.output.result(found, { lines: assetLines(found), brief: found.id })
      return 0
    },
  })
}

function publish(noun: AssetNoun): Command {
  return defineCommand({
    name: `${noun} publish`,
    about: `Publish a draft of ${WORDS[noun][0]} for good.`,
    options: {
      comment: COMMENT,
      'with-drafts': { about: 'Publish the drafts that it needs, too.' },
    },
    positionals: [nameOf(noun)],
    async run(call) {
      const [asset = ''] = call.positionals
      const { comment, 'with-drafts': drafts } = call.values
      const done = await manage(call, 'asset.publish', { noun, asset, comment, drafts })
      const lines = [done.along.map((one) => `${one} is published too.`), stateLine(done)].flat()
      call.output.result(done, { lines, brief: done.state })
      return 0
    },
  })
}

function version(noun: AssetNoun): Command {
  return defineCommand({
    name: `${noun} version`,
    about: `Copy ${WORDS[noun][0]} to a draft of another version.`,
    options: {
      version: { value: 'VERSION', about: 'The version of the copy.', required: true },
      comment: COMMENT,
    },
    positionals: [nameOf(noun)],
    async run(call) {
      const [asset = ''] = call.positionals
      const made = await manage(call, 'asset.version', { noun, asset, ...call.values })
      call.output.result(made, { lines: assetLines(made), brief: made.id })
      return 0
    },
  })
}

function simple(noun: AssetNoun, verb: 'trash' | 'restore', about: string): Command {
  return defineCommand({
    name: `${noun} ${verb}`,
    about,
    options: { comment: COMMENT },
    positionals: [nameOf(noun)],
    async run(call) {
      const [asset = ''] = call.positionals
      const { comment } = call.values
      const done = await manage(call, `asset.${verb}`, { noun, asset, comment })
      call.output.result(done, { lines: [stateLine(done)], brief: done.state })
      return 0
    },
  })
}

function purge(noun: AssetNoun): Command {
  return defineCommand({
    name: `${noun} purge`,
    about: `Remove ${WORDS[noun][0]} that is in the trash, and its data, for good.`,
    options: {},
    positionals: ['ID'],
    async run(call) {
      const [id = ''] = call.positionals
      const purged = await manage(call, 'asset.purge', { noun, id })
      const { name, version } = purged
      const line = `${name} ${version} is gone. The server removes its data in the background.`
      call.output.result(purged, { lines: [line], brief: purged.id })
      return 0
    },
  })
}

function nameOf(noun: AssetNoun): string {
  return noun.toUpperCase()
}

function stateLine({ name, version, state }: ShownAsset): string {
  return `${name} ${version} is now ${state}.`
}
