import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { takeLock } from './lock.ts'
import { installationSecret } from './secrets-file.ts'
import { readServerFile, removeServerFile, writeServerFile } from './server-file.ts'
import { claimVersion } from './version-file.ts'

const root = mkdtempSync(join(tmpdir(), 'homeport-data-'))
after(() => rmSync(root, { recursive: true }))
const folder = () => mkdtempSync(join(root, 'd'))
const modeOf = (path: string) => statSync(path).mode & 0o777

describe('the secret of an installation', () => {
  it('is made once and read by its owner alone', () => {
    const directory = folder()
    const secret = installationSecret(directory).reveal()
    assert.equal(Buffer.from(secret, 'base64url').length, 32)
    const path = join(directory, 'secrets.json')
    assert.equal(modeOf(path), 0o600)
    chmodSync(path, 0o644)
    assert.equal(installationSecret(directory).reveal(), secret)
    assert.equal(modeOf(path), 0o600)
  })

  it('is not made anew, nor shown, when its file is damaged', () => {
    const directory = folder()
    writeFileSync(join(directory, 'secrets.json'), '{"secret":"half of i')
    assert.throws(() => installationSecret(directory), /secrets.json is damaged: restore/)
    assert.throws(
      () => installationSecret(directory),
      (error) => !String(error).includes('half'),
    )
  })
})

describe('VERSION', () => {
  for (const [found, own, after] of [
    [null, '1.2.3', '1.2.3'],
    ['1.2.2', '1.2.3', '1.2.3'],
    ['1.2.4', '1.2.3', '1.2.3'],
    ['0.9.0', '1.0.0', '1.0.0'],
  ] as const) {
    it(`${found} opens to ${own}`, () => {
      const path = join(folder(), 'VERSION')
      if (found) writeFileSync(path, found)
      claimVersion(join(path, '..'), own)
      assert.equal(readFileSync(path, 'utf8').trim(), after)
    })
  }

  for (const [found, own] of [
    ['1.3.0', '1.2.9'],
    ['2.0.0', '1.9.9'],
    ['10.0.0', '9.0.0'],
  ] as const) {
    it(`${found} is shut to ${own}`, () => {
      const directory = folder()
      writeFileSync(join(directory, 'VERSION'), found)
      assert.throws(() => claimVersion(directory, own), { code: 'data_dir_newer' })
      assert.equal(readFileSync(join(directory, 'VERSION'), 'utf8'), found)
    })
  }
})

describe('server.json', () => {
  const server = { pid: 1, url: 'http://127.0.0.1:1', token: 't', version: '1.0.0', startedAt: 5 }

  it('is private, and goes when its own server does', () => {
    const directory = folder()
    assert.equal(readServerFile(directory), null)
    writeServerFile(directory, server)
    assert.equal(modeOf(join(directory, 'server.json')), 0o600)
    assert.deepEqual(readServerFile(directory), server)
    removeServerFile(directory, 'of another')
    assert.deepEqual(readServerFile(directory), server)
    removeServerFile(directory, 't')
    assert.equal(readServerFile(directory), null)
  })

  it('is as good as none when it is damaged', () => {
    const directory = folder()
    writeFileSync(join(directory, 'server.json'), '{"pid":')
    assert.equal(readServerFile(directory), null)
  })
})

describe('the lock', () => {
  /** Takes the lock in a process of its own and says so. */
  async function holder(path: string) {
    const code = `import { takeLock } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)}
      process.stdout.write((await takeLock(${JSON.stringify(path)}, 0)) ? 'held' : 'free')
      setInterval(() => {}, 1000)`
    const args = ['--import', 'tsx', '--input-type=module', '-e', code]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await once(child.stdout, 'data')
    assert.equal(String(said), 'held')
    return child
  }

  it('is held by one process, and ends with it however it ends', async () => {
    const path = join(folder(), 'lock')
    const child = await holder(path)
    assert.equal(await takeLock(path, 100), null)
    child.kill('SIGKILL')
    const lock = await takeLock(path, 5000)
    assert.ok(lock)
    lock.release()
    const again = await takeLock(path, 0)
    assert.ok(again)
    again.release()
  })
})
