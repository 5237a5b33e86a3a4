import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readIfThere, writePrivateFile } from './private-file.ts'

/** How a command of the same user finds the running server, and proves that it may manage it. */
export type ServerFile = {
  readonly pid: number
  /** `http://127.0.0.1:8080`: for this machine, not for clients. */
  readonly url: string
  readonly token: string
  readonly version: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

export function writeServerFile(directory: string, server: ServerFile): void {
  writePrivateFile(pathIn(directory), `${JSON.stringify(server)}\n`)
}

/** `null` when there is none, or what stands there is no such file. The server may be dead. */
export function readServerFile(directory: string): ServerFile | null {
  const text = readIfThere(pathIn(directory))
  if (text === null) return null
  try {
    const { pid, url, token, version, startedAt } = JSON.parse(text) as ServerFile
    const isRight = typeof url === 'string' && typeof token === 'string' && Number.isInteger(pid)
    return isRight ? { pid, url, token, version, startedAt } : null
  } catch {
    return null
  }
}

/** Removes it unless another server, sharing the folder, has put its own there. */
export function removeServerFile(directory: string, token: string): void {
  if (readServerFile(directory)?.token === token) rmSync(pathIn(directory), { force: true })
}

function pathIn(directory: string): string {
  return join(directory, 'server.json')
}
