import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SDK_METHODS, SDK_THEMES, type SdkTheme } from './arrowdb-methods.ts'
import { ArrowdbUser, type CalledMethods } from './arrowdb-user.ts'
import { type Env, ServerProcess } from './process.ts'
import { SERVICE_ACCOUNT } from './push-stand-in.ts'
import { type Body, DATABASES, type Database } from './test-app.ts'
import { uniquePicture } from './unique-picture.ts'

const PASSWORD = { password: 'secret', password_confirmation: 'secret' }

const TRIES_MAX = 100

type SdkOptions = {
  readonly env?: Env
  /** What is to be set before anybody calls: that restarts the server, at another address. */
  readonly prepare?: (server: ServerProcess) => Promise<void>
}

/** A started server with two users of an app and its administrator, all at the published SDK. */
export class SdkScene {
  readonly server: ServerProcess
  readonly folder: string
  /** A file. */
  readonly photo: string
  readonly called: CalledMethods
  readonly admin: ArrowdbUser
  readonly ann: ArrowdbUser
  /** With the address ben@example.org. */
  readonly ben: ArrowdbUser
  readonly ids: Record<'ann' | 'ben', string> = { ann: '', ben: '' }

  private constructor(server: ServerProcess, folder: string, called: CalledMethods) {
    this.server = server
    this.folder = folder
    this.photo = join(folder, 'photo.jpg')
    this.called = called
    const user = () => this.client()
    ;[this.admin, this.ann, this.ben] = [user(), user(), user()]
  }

  static async start(
    database: Database,
    called: CalledMethods,
    { env = {}, prepare }: SdkOptions,
  ): Promise<SdkScene> {
    const folder = await mkdtemp(join(tmpdir(), 'homeport-sdk-'))
    const server = await ServerProcess.start(database, env)
    await prepare?.(server)
    const scene = new SdkScene(server, folder, called)
    await writeFile(scene.photo, await uniquePicture(300, 200))
    await scene.makeAdmin('root')
    await scene.logIn(scene.admin, 'root')
    for (const name of ['ann', 'ben'] as const) {
      const options = { username: name, email: `${name}@example.org`, ...PASSWORD }
      const { response } = await scene[name].call('usersCreate', options)
      scene.ids[name] = response.users[0].id
      // A new user is logged in, but the SDK minds the session of a login alone.
      await scene.logIn(scene[name], name)
    }
    return scene
  }

  /** Somebody who is not logged in. */
  client(backend = this.server.backend): ArrowdbUser {
    return new ArrowdbUser(this.server.url, backend.clientId, this.called)
  }

  async makeAdmin(login: string, backend = this.server.backend): Promise<void> {
    const options = ['--login', login, '--password', 'secret', '--admin']
    await this.server.json(['user', 'create', '--backend', backend.id, ...options])
  }

  /** Lets the app push to Android devices. */
  async configurePush(): Promise<void> {
    const account = join(this.folder, 'account.json')
    await writeFile(account, JSON.stringify(SERVICE_ACCOUNT))
    const { id } = this.server.backend
    await this.server.json(['push', 'fcm', '--backend', id, '--service-account-file', account])
  }

  async logIn(user: ArrowdbUser, login: string, password = 'secret'): Promise<void> {
    await user.call('usersLogin', { login, password })
  }

  /** Work is done by jobs soon after the answer. @returns the first answer that is right */
  async until(what: string, ask: () => Promise<Body>, isRight: (body: Body) => boolean) {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const body = await ask()
      if (isRight(body)) return body
      await sleep(100)
    }
    throw new Error(`it did not come to pass that ${what}`)
  }

  untilCount(method: string, count: number, options: object = {}): Promise<Body> {
    const ask = () => this.admin.call(method, options)
    return this.until(`${method} is ${count}`, ask, ({ meta }) => meta.count === count)
  }

  /** Ends the server in good order and starts it again. Everyone goes on with the session he has. */
  async restart(meanwhile: () => Promise<unknown>): Promise<void> {
    assert.equal(await this.server.stop(), 0)
    await meanwhile()
    await this.server.restart()
    for (const user of [this.admin, this.ann, this.ben]) user.moveTo(this.server.url)
  }

  async dispose(): Promise<void> {
    await this.server.dispose()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/**
 * Runs the tests of a theme on each database, and holds that they have called every method of its
 * namespaces and got answers that are named right.
 */
export function onEachSdk(
  theme: SdkTheme,
  tests: (scene: () => SdkScene) => void,
  options: SdkOptions = {},
): void {
  for (const database of DATABASES) {
    describe(`the published arrowdb SDK, about ${theme}, on ${database}`, () => {
      const called: CalledMethods = new Map()
      let scene: SdkScene | undefined
      before(async () => {
        scene = await SdkScene.start(database, called, options)
      })
      after(() => scene?.dispose())

      tests(() => {
        assert.ok(scene, 'the server has not started')
        return scene
      })

      for (const namespace of SDK_THEMES[theme]) {
        it(`has called every method of ${namespace}`, () => {
          const expected: Readonly<Record<string, string>> = SDK_METHODS[namespace]
          const answered = Object.keys(expected).map((method) => [method, called.get(method)])
          assert.deepEqual(Object.fromEntries(answered), expected)
        })
      }

      it('has never made the server log a problem', () => {
        assert.deepEqual(scene?.server.problems, [])
      })
    })
  }
}

export function idsOf(body: Body, key: string): string[] {
  return body.response[key].map(({ id }: { id: string }) => id)
}

/** The text of a refusal as the SDK wraps it. */
export function refusal(status: number, message: string): [number, string] {
  return [status, `Request returned with HTTP status code ${status} ${message}`]
}
