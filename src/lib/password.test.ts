import assert from 'node:assert/strict'
import { pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { hash as argon2Hash } from '@node-rs/argon2'
import { hash as bcryptHash } from 'bcrypt'
import { hashPassword, passwordsWaiting, verifyNothing, verifyPassword } from './password.ts'

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

describe('password', () => {
  it('hashes with argon2id, a new salt each time, and verifies without asking for a rehash', async () => {
    const [one, two] = await Promise.all([hashPassword('opensesame'), hashPassword('opensesame')])
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    assert.notEqual(one, two)
    assert.deepEqual(await verifyPassword(one, 'opensesame'), { ok: true, rehash: false })
    assert.deepEqual(await verifyPassword(one, 'opensesamE'), { ok: false, rehash: false })
  })

  it('does not cut long passwords', async () => {
    const long = 'x'.repeat(1000)
    const stored = await hashPassword(`${long}a`)
    assert.equal((await verifyPassword(stored, `${long}b`)).ok, false)
    assert.equal((await verifyPassword(stored, `${long}a`)).ok, true)
  })

  const salt = randomBytes(16)
  const scrypted = scryptSync('hunter2', salt, 32, { N: 1024, r: 8, p: 2 })
  const derived = (digest: string, size: number) =>
    base64(pbkdf2Sync('hunter2', salt, 1000, size, digest))
  const foreign: readonly (readonly [string, () => Promise<string>])[] = [
    ['bcrypt 2b', () => bcryptHash('hunter2', 4)],
    ['bcrypt 2a', async () => (await bcryptHash('hunter2', 4)).replace('$2b', '$2a')],
    ['bcrypt 2y, as PHP writes it', async () => (await bcryptHash('hunter2', 4)).replace('b', 'y')],
    ['argon2id at another cost', () => argon2Hash('hunter2', { memoryCost: 4096, timeCost: 3 })],
    ['argon2i', () => argon2Hash('hunter2', { algorithm: 1, memoryCost: 4096 })],
    ['scrypt', async () => `$scrypt$ln=10,r=8,p=2$${base64(salt)}$${base64(scrypted)}`],
    ['PBKDF2-SHA1', async () => `$pbkdf2-sha1$i=1000$${base64(salt)}$${derived('sha1', 20)}`],
    ['PBKDF2-SHA256', async () => `$pbkdf2-sha256$i=1000$${base64(salt)}$${derived('sha256', 32)}`],
    ['PBKDF2-SHA512', async () => `$pbkdf2-sha512$i=1000$${base64(salt)}$${derived('sha512', 64)}`],
    [
      'PBKDF2 in the form of passlib',
      async () =>
        `$pbkdf2-sha256$1000$${base64(salt)}$${derived('sha256', 32)}`.replaceAll('+', '.'),
    ],
  ]
  for (const [name, make] of foreign) {
    it(`verifies ${name} and asks for a rehash`, async () => {
      const stored = await make()
      assert.deepEqual(await verifyPassword(stored, 'hunter2'), { ok: true, rehash: true })
      assert.deepEqual(await verifyPassword(stored, 'hunter3'), { ok: false, rehash: false })
    })
  }

  const refused: readonly (readonly [string, string])[] = [
    ['an empty text', ''],
    ['the password itself', 'hunter2'],
    ['an unknown method', '$md5$c2FsdA$aGFzaA'],
    ['an empty hash', '$pbkdf2-sha256$i=1000$c2FsdA$'],
    ['a hash of a few bytes', '$scrypt$ln=10,r=8,p=1$c2FsdA$AAAA'],
    ['senseless argon2 costs', `$argon2id$v=19$m=1,t=1,p=8$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['no passes', `$argon2id$v=19$m=4096,t=0,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
  ]
  for (const [name, stored] of refused) {
    it(`lets nobody in with ${name}`, async () => {
      assert.deepEqual(await verifyPassword(stored, 'hunter2'), { ok: false, rehash: false })
    })
  }

  const hash43 = 'A'.repeat(43)
  const absurd = [
    `$argon2id$v=19$m=4194304,t=1,p=1$${'A'.repeat(22)}$${hash43}`,
    `$argon2id$v=19$m=65536,t=999,p=1$${'A'.repeat(22)}$${hash43}`,
    `$2b$31$${'A'.repeat(53)}`,
    `$scrypt$ln=30,r=8,p=1$c2FsdA$${hash43}`,
    `$scrypt$ln=16,r=8,p=99$c2FsdA$${hash43}`,
    `$pbkdf2-sha512$i=9999999$c2FsdA$${hash43}`,
    `$pbkdf2-sha1$i=1500000$c2FsdA$${hash43}`,
  ]
  for (const stored of absurd) {
    it(`refuses the cost of ${stored.slice(0, 32)} without computing it`, async () => {
      // While others are computed and wait, this answer comes at once.
      const others = Promise.all(['a', 'b', 'c'].map(hashPassword))
      assert.equal((await verifyPassword(stored, 'x')).ok, false)
      assert.equal(passwordsWaiting(), 1)
      await others
    })
  }

  it('takes as long for an unknown user as for a wrong password', async () => {
    const stored = await hashPassword('opensesame')
    const fastest = async (run: () => Promise<unknown>) => {
      let least = Number.POSITIVE_INFINITY
      for (let i = 0; i < 5; i++) {
        const before = performance.now()
        await run()
        least = Math.min(least, performance.now() - before)
      }
      return least
    }
    const wrong = await fastest(() => verifyPassword(stored, 'wrong'))
    const unknown = await fastest(() => verifyNothing('wrong'))
    assert.ok(unknown > wrong / 3 && unknown < wrong * 3, `${unknown} ms against ${wrong} ms`)
  })

  it('works on two hashes at a time and says how many wait', async () => {
    const all = Promise.all([1, 2, 3, 4, 5].map((n) => hashPassword(`p${n}`)))
    assert.equal(passwordsWaiting(), 3)
    await all
    assert.equal(passwordsWaiting(), 0)
  })
})
