import { ConfigError } from '../config.ts'
import { type Finding, findingsOf } from '../manage/doctor/finding.ts'
import { clock, dataFolder, diskSpace, nodeVersion } from '../manage/doctor/machine.ts'
import { addresses, database, mail, port } from '../manage/doctor/services.ts'
import { type Call, defineCommand } from './command.ts'
import { columns } from './output.ts'

export const doctor = defineCommand({
  name: 'doctor',
  about: 'Check the settings and the machine, and say what to do.',
  options: {},
  takesSettings: true,
  async run(call) {
    const findings = await examine(call)
    const isWell = findings.every(({ state }) => state !== 'fail')
    call.output.result({ ok: isWell, checks: findings }, { lines: linesOf(findings) })
    return isWell ? 0 : 1
  },
})

async function examine(call: Pick<Call, 'config'>): Promise<Finding[]> {
  try {
    const config = await call.config()
    return await findingsOf([
      nodeVersion,
      dataFolder(config),
      diskSpace(config),
      clock(config),
      database(config),
      port(config),
      mail(config),
      addresses(config),
    ])
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // Without settings there is nothing else to look at.
    return error.problems.map((message) => ({ check: 'settings', state: 'fail', message }))
  }
}

function linesOf(findings: readonly Finding[]): string[] {
  const rows = columns(findings.map(({ state, check, message }) => [state, check, message]))
  return findings.flatMap(({ advice }, index) => [
    rows[index] ?? '',
    ...(advice ? [`      ${advice}`] : []),
  ])
}
