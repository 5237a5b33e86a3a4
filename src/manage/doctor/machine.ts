import { existsSync, statSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../../config.ts'
import { DISK_FREE_BYTES_MIN, freeBytes } from '../readiness.ts'
import type { Check } from './finding.ts'

const MEBIBYTE = 1024 * 1024
/** Little enough to be told in time. */
const DISK_FREE_BYTES_LOW = 1024 * MEBIBYTE

export const nodeVersion: Check = {
  name: 'node',
  async run() {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
    const message = `Node ${process.versions.node}`
    if (major < 20 || (major === 20 && minor < 19)) {
      return {
        state: 'fail',
        message,
        advice: 'Use Node 22 or 24; 20.19 is the oldest that works.',
      }
    }
    if (major % 2 === 1 || major < 22) {
      const advice = 'It works, but gets no security fixes any more; move to Node 22 or 24.'
      return { state: 'warn', message, advice }
    }
    return { state: 'ok', message }
  },
}

export function dataFolder({ dataDir }: Config): Check {
  return {
    name: 'data directory',
    async run() {
      const rights = constants.R_OK | constants.W_OK | constants.X_OK
      const advice = `Let the server's user read and write it, e.g. chown -R $(id -un) ${dataDir}`
      try {
        await access(nearestFolder(dataDir), rights)
      } catch {
        return { state: 'fail', message: `${dataDir} cannot be written`, advice }
      }
      if (!existsSync(dataDir)) return { state: 'ok', message: `${dataDir} will be made` }
      const open = ['secrets.json', 'server.json'].filter((name) => isOpen(join(dataDir, name)))
      if (open.length === 0) return { state: 'ok', message: dataDir }
      return {
        state: 'fail',
        message: `others can read ${open.join(', ')} in ${dataDir}`,
        advice: `chmod 600 ${open.map((name) => join(dataDir, name)).join(' ')}`,
      }
    },
  }
}

/** True when users other than the owner may read it. */
function isOpen(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && (found.mode & 0o077) !== 0 && process.platform !== 'win32'
}

export function diskSpace({ dataDir }: Config): Check {
  return {
    name: 'disk',
    async run() {
      const free = await freeBytes(nearestFolder(dataDir))
      const message = `${Math.floor(free / MEBIBYTE)} MiB free`
      const advice = 'Make room, or move the data directory to a larger disk.'
      if (free < DISK_FREE_BYTES_MIN) return { state: 'fail', message, advice }
      return free < DISK_FREE_BYTES_LOW
        ? { state: 'warn', message, advice }
        : { state: 'ok', message }
    },
  }
}

/** No release is older, so an earlier date is a clock that was never set. */
const EARLIEST = Date.UTC(2026, 0, 1)
const SKEW_MS = 5 * 60 * 1000

export function clock({ dataDir }: Config): Check {
  return {
    name: 'clock',
    async run() {
      const now = Date.now()
      const message = new Date(now).toISOString()
      const advice = 'Set the clock, best by NTP: sessions, OAuth and sorting by age depend on it.'
      if (now < EARLIEST) return { state: 'fail', message: `${message} is in the past`, advice }
      const written = statSync(join(dataDir, 'VERSION'), { throwIfNoEntry: false })?.mtimeMs ?? 0
      if (written > now + SKEW_MS) {
        const when = new Date(written).toISOString()
        return { state: 'warn', message: `${message}, yet data was written at ${when}`, advice }
      }
      return { state: 'ok', message }
    },
  }
}

/** The folder itself, or the nearest one above it that exists. */
function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path))
}
