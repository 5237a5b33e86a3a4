import { createRequire } from 'node:module'
import type { Body } from './test-app.ts'

type Options = Readonly<Record<string, unknown>>

type SdkError = Error & { readonly statusCode?: number }

type Callback = (error: SdkError | null, result?: { readonly body: Body }) => void

type Sdk = { readonly [method: string]: (...given: unknown[]) => void }

type SdkState = {
  sessionCookieString: string | null
  readonly appOptions: { apiEntryPoint: string }
}

type SdkClass = {
  new (key: string, options: Options): Sdk & SdkState
  getDBObjects(): Readonly<Record<string, { readonly methods: Readonly<Record<string, Method>> }>>
}

type Method = { readonly apiMethodName: string }

const require = createRequire(import.meta.url)
// Written for Node 0.10, without types.
const ArrowDB = require('arrowdb') as SdkClass

/** Describes what the SDK has, without a call. */
const ABOUT_ITSELF = 'getDBObjects'

/** All methods of the published SDK by namespace, as it tells itself: `usersLogin` of `Users`. */
export function sdkNamespaces(): Record<string, string[]> {
  const objects = Object.entries(ArrowDB.getDBObjects())
  const named = objects.map(([name, { methods }]): [string, string[]] => [
    name,
    Object.values(methods).map(({ apiMethodName }) => apiMethodName),
  ])
  const known = new Set([...named.flatMap(([, methods]) => methods), ABOUT_ITSELF])
  const sdk = new ArrowDB('key', {})
  const callable: string[] = []
  for (const name in sdk) if (typeof sdk[name] === 'function') callable.push(name)
  const verbs = callable.filter((name) => !known.has(name))
  return { ...Object.fromEntries(named), Verbs: verbs }
}

/** Which methods have answered with success, and with which `method_name`. */
export type CalledMethods = Map<string, string>

/** A user of the published SDK, which keeps his session by itself. */
export class ArrowdbUser {
  readonly sdk: InstanceType<SdkClass>
  /** Shared by all users of a test. */
  readonly #called: CalledMethods

  constructor(url: string, key: string, called: CalledMethods = new Map()) {
    this.sdk = new ArrowDB(key, { apiEntryPoint: url })
    this.#called = called
  }

  /** After its session has ended, as the SDK asks apps to do: else it goes on sending that. */
  forgetSession(): void {
    this.sdk.sessionCookieString = null
  }

  /** Goes on with the same session at another address. */
  moveTo(url: string): void {
    this.sdk.appOptions.apiEntryPoint = url
  }

  /** @returns the body of a successful answer */
  async call(method: string, ...given: readonly unknown[]): Promise<Body> {
    const body = await this.#send(method, given)
    this.#called.set(method, String(body.meta.method_name))
    return body
  }

  /** @returns the status and message with which a call was refused */
  async refused(
    method: string,
    ...given: readonly unknown[]
  ): Promise<[status: number | undefined, message: string]> {
    try {
      await this.#send(method, given)
    } catch (error) {
      const { statusCode, message } = error as SdkError
      return [statusCode, message]
    }
    throw new Error(`${method} was not refused`)
  }

  #send(method: string, given: readonly unknown[]): Promise<Body> {
    return new Promise((resolve, reject) => {
      const callback: Callback = (error, result) => {
        if (result) resolve(result.body)
        else reject(error ?? new Error(`${method} answered nothing`))
      }
      const run = this.sdk[method]
      if (!run) throw new Error(`the SDK has no method ${method}`)
      run.call(this.sdk, ...given, callback)
    })
  }
}
