import { readFile } from 'node:fs/promises'
import { defineMethod } from '../../engine/definition.ts'
import { described, FilePart, file, text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { readApns } from '../../push/credentials.ts'
import { removePushCredentials, setPushCredentials } from '../push/credentials.ts'
import { doerOf } from './doer.ts'

/** A certificate with its key is some kilobytes. */
const CERTIFICATE_BYTES_MAX = 100_000

export const setAppleCertificates = defineMethod({
  name: 'setAppleCertificates',
  group: 'App',
  verb: 'PUT',
  path: 'apps/set_apple_certificates',
  auth: 'admin',
  summary: 'Sets the certificate by which the app pushes to Apple devices. It is kept sealed.',
  params: {
    topic: described(text({ max: 155 }), "The app's bundle id."),
    certificate_prod: described(file(), 'A .p12 file; with it, that for development is not used.'),
    production_cert_password: text({ max: 255 }),
    certificate_dev: described(file(), 'A .p12 file.'),
    dev_cert_password: text({ max: 255 }),
  },
  returns: {},
  async run(call) {
    const { params } = call
    const isProduction = params.certificate_prod instanceof FilePart
    const part = isProduction ? params.certificate_prod : params.certificate_dev
    if (!(part instanceof FilePart)) {
      throw new ApiError('param_invalid', 'Required field: certificate_prod or certificate_dev')
    }
    const password = isProduction ? params.production_cert_password : params.dev_cert_password
    const credentials = readApns({
      environment: isProduction ? 'production' : 'sandbox',
      topic: params.topic ?? '',
      certificate: await base64Of(part),
      password: password ?? '',
    })
    await setPushCredentials(call.context, call.backend.id, credentials, doerOf(call))
    return {}
  },
})

export const removeAppleCertificates = defineMethod({
  name: 'removeAppleCertificates',
  group: 'App',
  verb: 'DELETE',
  path: 'apps/remove_apple_certificates',
  auth: 'admin',
  summary: 'Removes what the app proves itself with to Apple. There need be nothing.',
  params: {},
  returns: {},
  async run(call) {
    await removePushCredentials(call.context, call.backend.id, 'apns', doerOf(call))
    return {}
  },
})

async function base64Of(part: FilePart): Promise<string> {
  if (part.staged.sizeBytes > CERTIFICATE_BYTES_MAX) throw new ApiError('too_large')
  return (await readFile(part.staged.path)).toString('base64')
}

const RETIRED = { group: 'App', verb: 'PUT', auth: 'admin', params: {}, returns: {} } as const

export const setAndroidCertificate = defineMethod({
  ...RETIRED,
  name: 'setAndroidCertificate',
  path: 'apps/set_android_certificate',
  summary: 'Retired with the keys of Google Cloud Messaging; see `homeport push fcm`.',
  async run() {
    const text = 'Google takes no such keys any more. Use the command "homeport push fcm".'
    throw new ApiError('deprecated', text)
  },
})

export const setWindowsCertificate = defineMethod({
  ...RETIRED,
  name: 'setWindowsCertificate',
  path: 'apps/set_windows_certificate',
  summary: 'Retired: pushes to Windows phones are not sent.',
  async run() {
    throw new ApiError('deprecated', 'Pushes to Windows phones are not sent any more.')
  },
})
