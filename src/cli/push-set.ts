import { readFileSync } from 'node:fs'
import { defineCommand, UsageError } from './command.ts'
import { manage } from './manage.ts'
import { pushLines } from './push-lines.ts'

const BACKEND = { value: 'BACKEND', about: 'Name or id of the backend.', required: true } as const

export const pushApns = defineCommand({
  name: 'push apns',
  about: 'Set the key, or the certificate, for pushes to iOS devices.',
  options: {
    backend: BACKEND,
    topic: { value: 'BUNDLE', about: 'Bundle id of the app.', required: true },
    'key-file': { value: 'FILE', about: 'The .p8 file from Apple.' },
    'key-id': { value: 'ID', about: 'Id of that key, 10 characters.' },
    'team-id': { value: 'ID', about: 'Id of the team, 10 characters.' },
    'certificate-file': { value: 'FILE', about: 'A .p12 file, in place of a key.' },
    'certificate-password-file': {
      value: 'FILE',
      about: 'File whose first line is the password of the certificate; - is stdin.',
    },
    sandbox: { about: 'For development builds of the app.' },
  },
  async run(call) {
    const { values } = call
    const [key, certificate] = [values['key-file'], values['certificate-file']]
    if ((key === undefined) === (certificate === undefined)) {
      throw new UsageError('Give --key-file or --certificate-file.')
    }
    const proof =
      certificate === undefined
        ? { key: readText(key), keyId: values['key-id'], teamId: values['team-id'] }
        : {
            certificate: readBytes(certificate).toString('base64'),
            password: firstLine(values['certificate-password-file']),
          }
    const environment = values.sandbox ? 'sandbox' : 'production'
    const given = JSON.stringify({ topic: values.topic, environment, ...proof })
    const result = await manage(call, 'push.set', {
      ...{ backend: values.backend, service: 'apns', given },
    })
    call.output.result(result, { lines: pushLines([result.credentials]) })
    return 0
  },
})

export const pushFcm = defineCommand({
  name: 'push fcm',
  about: 'Set the service account for pushes to Android devices.',
  options: {
    backend: BACKEND,
    'service-account-file': {
      value: 'FILE',
      about: 'The JSON file that Google makes for a service account; - is stdin.',
      required: true,
    },
  },
  async run(call) {
    const { backend, 'service-account-file': file } = call.values
    const given = readText(file)
    const result = await manage(call, 'push.set', { backend, service: 'fcm', given })
    call.output.result(result, { lines: pushLines([result.credentials]) })
    return 0
  },
})

export const pushWeb = defineCommand({
  name: 'push web',
  about: 'Make keys for pushes to browsers, or change whom their services may ask.',
  options: {
    backend: BACKEND,
    subject: { value: 'URL', about: 'mailto: or https: of whoever is in charge.', required: true },
  },
  async run(call) {
    const { backend, subject } = call.values
    const given = JSON.stringify({ subject })
    const result = await manage(call, 'push.set', { backend, service: 'web', given })
    const lines = [
      ...pushLines([result.credentials]),
      'Web pages subscribe with the public key, as applicationServerKey; they can read it at',
      '/v1/push_notification/web_push_key.json.',
    ]
    call.output.result(result, { lines, brief: result.credentials.publicKey ?? '' })
    return 0
  },
})

function readBytes(file: string | undefined): Buffer {
  return readFileSync(file === '-' ? 0 : (file ?? ''))
}

function readText(file: string | undefined): string {
  return readBytes(file).toString('utf8')
}

function firstLine(file: string | undefined): string {
  return file === undefined ? '' : (readText(file).split(/\r?\n/, 1)[0] ?? '')
}
