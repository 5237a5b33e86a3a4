import { connect, createServer } from 'node:net'
import { type Config, storeOptions } from '../../config.ts'
import { parseSmtpUrl } from '../../mail/smtp-url.ts'
import { runningServer } from '../manager.ts'
import type { Check } from './finding.ts'

const CONNECT_TIMEOUT_MS = 5000

export function database(config: Config): Check {
  return {
    name: 'database',
    async run() {
      const { migrationStatus } = await import('../../storage/open.ts')
      const { applied, pending } = await migrationStatus(storeOptions(config))
      if (pending.length === 0)
        return { state: 'ok', message: `${applied.length} migrations applied` }
      if (applied.length === 0)
        return { state: 'ok', message: 'empty; the first start makes the tables' }
      return {
        state: 'warn',
        message: `migrations are waiting: ${pending.join(', ')}`,
        advice: 'Back up, then homeport migrate up, or just start: it applies them.',
      }
    },
  }
}

export function port({ dataDir, http }: Config): Check {
  return {
    name: 'port',
    async run() {
      const server = await runningServer(dataDir)
      if (server) return { state: 'ok', message: `Homeport answers at ${server.url}` }
      const code = await listenOnce(http.host, http.port)
      const place = `${http.host}:${http.port}`
      if (code === undefined) return { state: 'ok', message: `${place} is free` }
      return { state: 'fail', message: `${place} cannot be used (${code})`, advice: PORT_ADVICE }
    },
  }
}

const PORT_ADVICE =
  'Stop what listens there, or choose another with HOMEPORT_PORT and HOMEPORT_HOST. ' +
  'Ports below 1024 need a privilege.'

/** @returns why it was not possible, as an error code */
function listenOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port }, () => server.close(() => resolve(undefined)))
  })
}

export function mail({ mail }: Config): Check {
  return {
    name: 'mail',
    async run() {
      if (!mail.smtpUrl) {
        const advice =
          'Set HOMEPORT_SMTP_URL, or users cannot confirm addresses or reset passwords.'
        return { state: 'warn', message: 'no SMTP server is set', advice }
      }
      const { host, port } = parseSmtpUrl(mail.smtpUrl)
      const place = `${host}:${port}`
      const code = await connectOnce(host, port)
      if (code === undefined) return { state: 'ok', message: `${place} answers` }
      const advice = 'Check the host and port in HOMEPORT_SMTP_URL, and the firewall.'
      return { state: 'fail', message: `${place} does not answer (${code})`, advice }
    },
  }
}

/** @returns why it was not possible, as an error code */
function connectOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS })
    const end = (code: string | undefined) => {
      socket.destroy()
      resolve(code)
    }
    socket.once('connect', () => end(undefined))
    socket.once('timeout', () => end('no answer in time'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

/** What clients see of the server: proxies and addresses that do not fit together. */
export function addresses({ http }: Config): Check {
  return {
    name: 'addresses',
    async run() {
      const { publicUrl, trustProxy, host } = http
      const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(host)
      if (trustProxy === true && !isLocal) {
        return {
          state: 'warn',
          message: 'X-Forwarded-* headers are believed from everyone',
          advice: "Name the proxy's addresses in HOMEPORT_TRUST_PROXY instead of true.",
        }
      }
      if (trustProxy !== false && publicUrl === null) {
        return {
          state: 'warn',
          message: 'a proxy is trusted, but no public address is set',
          advice: 'Set HOMEPORT_PUBLIC_URL to the address that clients use.',
        }
      }
      if (publicUrl?.startsWith('http:') && !isLocalUrl(publicUrl)) {
        return {
          state: 'warn',
          message: `${publicUrl} is not encrypted`,
          advice: 'Put a proxy with TLS in front and set an https:// address.',
        }
      }
      return { state: 'ok', message: publicUrl ?? 'as each request says' }
    },
  }
}

function isLocalUrl(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
}
