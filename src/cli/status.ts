import { readServerFile } from '../manage/data-dir/server-file.ts'
import type { ResultFor } from '../manage/manager.ts'
import { callServer } from '../manage/remote.ts'
import { defineCommand } from './command.ts'
import { columns } from './output.ts'

export const status = defineCommand({
  name: 'status',
  about: 'Tell whether the server runs and is ready; exit code 1 if not.',
  options: {},
  async run({ config, output }) {
    const { dataDir } = await config()
    const server = readServerFile(dataDir)
    const found = server && ((await callServer(server, 'server.status', {})) as Status | null)
    if (!server || !found) {
      const lines = [`No server runs on ${dataDir}.`]
      output.result({ running: false, dataDir }, { lines, brief: 'stopped' })
      return 1
    }
    const isReady = found.readiness.status === 'ok'
    const lines = linesOf(server.url, dataDir, found)
    const data = { running: true, url: server.url, dataDir, ...found }
    output.result(data, { lines, brief: isReady ? 'ready' : 'not ready' })
    return isReady ? 0 : 1
  },
})

type Status = ResultFor<'server.status'>

function linesOf(url: string, dataDir: string, { pid, version, uptimeS, readiness }: Status) {
  const { status: _, service, queueAgeS, ...parts } = readiness
  return columns([
    ['Homeport', `${version}, process ${pid}, up for ${uptimeS} s`],
    ['Address', url],
    ['Data', dataDir],
    ['Service', service],
    ...Object.entries(parts).map(([part, state]) => [`  ${part}`, state]),
    ['  queue age', `${queueAgeS} s`],
  ])
}
