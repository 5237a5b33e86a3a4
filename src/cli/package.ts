import { readFileSync, writeFileSync } from 'node:fs'
import type { ResultFor } from '../manage/manager.ts'
import { defineCommand, UsageError } from './command.ts'
import { manage } from './manage.ts'
import { columns } from './output.ts'

type Checked = ResultFor<'package.check'>

export const packageExport = defineCommand({
  name: 'package export',
  about: 'Put backends, or others such as collection:Photos, into a file, with all that they need.',
  options: {
    out: { value: 'FILE', about: 'The ZIP archive to write.', required: true },
    name: { value: 'NAME', about: 'Name of the package, that of the first backend unless given.' },
    version: { value: 'VERSION', about: 'Version of the package, a free one unless given.' },
    desc: { value: 'TEXT', about: 'What it is.' },
  },
  positionals: ['ASSET'],
  lastRepeats: true,
  async run(call) {
    const { out, name, version, desc } = call.values
    const assets = call.positionals.join('\n')
    const made = await manage(call, 'package.export', { assets, name, version, desc })
    const { content, ...shown } = made
    writeFileSync(out, Buffer.from(content, 'base64'))
    const rows = made.assets.map((one) => [one.type, one.name, one.version])
    const roles = made.roles.length > 0 ? [`Roles go by name: ${made.roles.join(', ')}.`] : []
    const lines = [
      ...columns(rows),
      `${out} is the package ${made.name} ${made.version}.`,
      ...roles,
    ]
    call.output.result({ ...shown, file: out }, { lines, brief: made.id })
    return 0
  },
})

export const packageCheck = defineCommand({
  name: 'package check',
  about: 'Tell what installing a package would do, and do nothing.',
  options: {},
  positionals: ['FILE'],
  async run(call) {
    const content = contentOf(call.positionals)
    const checked = await manage(call, 'package.check', { content })
    call.output.result(checked, { lines: linesOf(checked), brief: checked.status })
    return checked.status === 'SUCCESS' ? 0 : 1
  },
})

export const packageInstall = defineCommand({
  name: 'package install',
  about: 'Make what a package has and what is not there yet, all of it or nothing.',
  options: {
    set: {
      value: 'POLICY=VALUE',
      about: 'Another value for a policy of the package.',
      repeats: true,
    },
  },
  positionals: ['FILE'],
  async run(call) {
    const properties = JSON.stringify(Object.fromEntries(call.values.set.map(pairIn)))
    const content = contentOf(call.positionals)
    const installed = await manage(call, 'package.install', { content, properties })
    const brief = installed.package.id ?? ''
    call.output.result(installed, { lines: linesOf(installed), brief })
    return 0
  },
})

function contentOf([file = '']: readonly string[]): string {
  return readFileSync(file === '-' ? 0 : file).toString('base64')
}

/** @throws {UsageError} */
function pairIn(text: string): [name: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--set takes POLICY=VALUE, not "${text}".`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function linesOf({ importResults, policies, policyValidationReport }: Checked): string[] {
  const { records, dependencies } = importResults
  const rows = [
    ...records.map((one) => [one.status, one.type, one.name, one.version, one.detail ?? '']),
    ...policies.map((one) => [one.status, 'Policy', one.name, one.value]),
  ]
  const roles = dependencies.roles.map(({ name }) => name)
  return [
    ...columns(rows),
    ...policyValidationReport.validationResults,
    ...(roles.length > 0 ? [`Make these roles: ${roles.join(', ')}.`] : []),
  ]
}
