import { defineMethod } from '../../engine/definition.ts'
import { described, flag, integer, text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { Secret } from '../../lib/secret.ts'
import { isMailAddress } from '../../mail/address.ts'
import { parseSmtpUrl } from '../../mail/smtp-url.ts'
import { doerOf } from './doer.ts'

const PARAMS = {
  address: described(text({ max: 255 }), 'The host of the SMTP server; empty: no own one.'),
  port: integer({ min: 1, max: 65_535 }),
  username: text({ max: 255 }),
  password: text({ max: 1024 }),
  tls: described(flag(), 'false: the password may go out in the clear.'),
  sender_email: text({ max: 254 }),
  sender_name: text({ max: 100 }),
  dev_mode: described(flag(), 'Mails go to replacement_email, or nowhere when there is none.'),
  replacement_email: text({ max: 254 }),
  accountid: described(text({ max: 255 }), 'Of a hosted service: not offered here.'),
}

const PORT_OF_TLS = 465

/** How the app sends mail. What is not named stays. */
export const setAppMail = defineMethod({
  name: 'updateAppEmailSetting',
  group: 'App',
  verb: 'PUT',
  path: 'apps/emails/setting',
  auth: 'admin',
  summary: 'Sets how the app of the key sends mail.',
  params: PARAMS,
  returns: {},
  async run(call) {
    const { context, backend, params } = call
    if (params.accountid) {
      throw new ApiError('param_invalid', 'Hosted mail services are not offered; name a server.')
    }
    const { dev_mode: testMode, replacement_email: testAddress } = params
    const changes = {
      ...(params.address === undefined ? {} : { smtpUrl: smtpUrlOf(params) }),
      ...(params.sender_email === undefined ? {} : { mailFrom: senderOf(params) }),
      ...(testMode === undefined ? {} : { mailTestMode: testMode }),
      ...(testAddress === undefined ? {} : { mailTestAddress: testAddress || null }),
    }
    await context.changeSettings(backend.id, { changes, ...doerOf(call) })
    return {}
  },
})

type Server = Readonly<
  Partial<{ address: string; port: number; username: string; password: string; tls: boolean }>
>

/** @throws {ApiError} `param_invalid`, which does not repeat what holds a password */
function smtpUrlOf(server: { [K in keyof Server]: Server[K] | undefined }): string | null {
  const { address, port = 587, username, password = '', tls } = server
  if (!address) return null
  const scheme = port === PORT_OF_TLS ? 'smtps' : 'smtp'
  const login = username ? `${encodeURIComponent(username)}:${encodeURIComponent(password)}@` : ''
  const url = `${scheme}://${login}${address}:${port}${tls === false ? '?tls=optional' : ''}`
  try {
    if (!/^[A-Za-z0-9.:[\]-]+$/.test(address)) throw new Error('no host')
    parseSmtpUrl(new Secret(url))
  } catch (cause) {
    throw new ApiError('param_invalid', 'Invalid address; value must be a host', { cause })
  }
  return url
}

type Sender = {
  readonly sender_email?: string | undefined
  readonly sender_name?: string | undefined
}

function senderOf({ sender_email: address, sender_name: name }: Sender): string | null {
  if (!address) return null
  if (!isMailAddress(address)) {
    throw new ApiError('param_invalid', 'Invalid sender_email; value must be a mail address')
  }
  const plain = (name ?? '').replace(/[<>"\p{C}]/gu, ' ').trim()
  return plain === '' ? address : `${plain} <${address}>`
}
