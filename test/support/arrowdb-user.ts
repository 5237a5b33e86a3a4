import { createRequire } from 'node:module'
import type { Body } from './test-app.ts'

type Options = Readonly<Record<string, unknown>>

type SdkError = Error & { readonly statusCode?: number }

type Callback = (error: SdkError | null, result?: { readonly body: Body }) => void

type Sdk = { readonly [method: string]: (...given: unknown[]) => void }

type SdkClass = {
  new (key: string, options: Options): Sdk & { sessionCookieString: string | null }
  getDBObjects(): Readonly<Record<string, { readonly methods: Readonly<Record<string, Method>> }>>
}

type Method = { readonly apiMethodName: string }

const require = createRequire(import.meta.url)
// Written for Node 0.10, without types.
const ArrowDB = require('arrowdb') as SdkClass

/** The names of all methods that the published SDK has for a kind of object: `usersLogin`. */
export function sdkMethods(objectName: string): string[] {
  const methods = ArrowDB.getDBObjects()[objectName]?.methods ?? {}
  return Object.values(methods).map(({ apiMethodName }) => apiMethodName)
}

/** A user of the published SDK, which keeps his session by itself. */
export class ArrowdbUser {
  readonly sdk: InstanceType<SdkClass>
  /** The methods that have answered with success, of all users that share the set. */
  readonly #called: Set<string>

  constructor(url: string, key: string, called: Set<string> = new Set()) {
    this.sdk = new ArrowDB(key, { apiEntryPoint: url })
    this.#called = called
  }

  /** @returns the body of a successful answer */
  async call(method: string, ...given: readonly unknown[]): Promise<Body> {
    const body = await this.#send(method, given)
    this.#called.add(method)
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
