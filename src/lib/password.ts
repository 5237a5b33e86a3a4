import { pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { gate } from './gate.ts'

// Native code, loaded with the first password: a server that has none to check starts sooner.
const argon2 = () => import('@node-rs/argon2')
const bcrypt = () => import('bcrypt')

const pbkdf2Bytes = promisify(pbkdf2)
const scryptBytes = promisify<Buffer, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** OWASP's advice for argon2id: 19 MiB, two passes, one lane. The algorithm is argon2id by default. */
const OURS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const OUR_HEADER = '$argon2id$v=19$m=19456,t=2,p=1$'

/** Of a random text that nobody has, at {@link OURS}: see {@link verifyNothing}. */
const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$xJgOgCfwdXt5IsnLpyNY8g$FoHu1u6P7rDo1aye+rwsdHvGn8g7OOWAwbIpPtE9+Bc'

// Hashing takes a thread of libuv's pool for 20 ms and more. The pool has four, and files and name
// look-ups need them too.
const hashing = gate(2)

/** A hash with its method and costs written before it (PHC string format), of argon2id. */
export function hashPassword(password: string): Promise<string> {
  return hashing.run(async () => (await argon2()).hash(password, OURS))
}

/** `rehash`: the password is right, but its hash is not as {@link hashPassword} makes it today. */
export type Verdict = { readonly ok: boolean; readonly rehash: boolean }

const REFUSED: Verdict = { ok: false, rehash: false }

/**
 * Compares a password with a stored hash: our own, or one that was brought from elsewhere (argon2,
 * bcrypt, scrypt, PBKDF2). A hash that is malformed, of an unknown method, or so costly that
 * comparing with it would be an attack on the server, fits no password.
 */
export async function verifyPassword(stored: string, password: string): Promise<Verdict> {
  const check = checkFor(stored, password)
  if (!check) return REFUSED
  const ok = await hashing.run(check)
  return ok ? { ok, rehash: !stored.startsWith(OUR_HEADER) } : REFUSED
}

/**
 * Takes the time of {@link verifyPassword} with our own hashes. Called when there is no such user,
 * so that the time of the answer does not tell which names exist.
 */
export async function verifyNothing(password: string): Promise<void> {
  await verifyPassword(NOBODY, password)
}

/** How many hashes wait for their turn: callers may turn log-ins away when they are many. */
export function passwordsWaiting(): number {
  return hashing.waiting()
}

type Check = () => Promise<boolean>

function checkFor(stored: string, password: string): Check | null {
  return (
    argon2Check(stored, password) ??
    bcryptCheck(stored, password) ??
    scryptCheck(stored, password) ??
    pbkdf2Check(stored, password)
  )
}

const ARGON2 =
  /^\$argon2(?:id|i|d)\$(?:v=\d+\$)?m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/

function argon2Check(stored: string, password: string): Check | null {
  const match = ARGON2.exec(stored)
  if (!match) return null
  const [memoryKib, passes, lanes] = costsOf(match)
  // 256 MiB, or 64 MiB eight times over, take about half a second.
  if (memoryKib > 262_144 || memoryKib * passes > 524_288 || lanes > 16) return null
  // The library rejects when a hash is well formed but senseless, such as less memory than lanes.
  return async () => (await argon2()).verify(stored, password).catch(() => false)
}

const BCRYPT = /^\$2[aby](\$(\d\d)\$[./A-Za-z0-9]{53})$/

function bcryptCheck(stored: string, password: string): Check | null {
  const match = BCRYPT.exec(stored)
  if (!match) return null
  const [, rest = '', cost] = match
  // 2^14 rounds take about a second.
  if (Number(cost) < 4 || Number(cost) > 14) return null
  // PHP's `2y` is OpenBSD's `2b` by another name, which the library does not know.
  return async () => (await bcrypt()).default.compare(password, `$2b${rest}`)
}

const SCRYPT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{1,86})\$([A-Za-z0-9+/]{22,86})$/

function scryptCheck(stored: string, password: string): Check | null {
  const match = SCRYPT.exec(stored)
  if (!match) return null
  const [logN, blockSize, parallelization] = costsOf(match)
  if (logN < 1 || logN > 20 || blockSize < 1 || parallelization < 1) return null
  const memory = 128 * 2 ** logN * blockSize
  // 256 MiB in one lane, or 128 MiB in two, take about a second and a half.
  if (memory * parallelization > 2 ** 28) return null
  const expected = bytesOf(match[5])
  const options = { N: 2 ** logN, r: blockSize, p: parallelization, maxmem: memory + 2 ** 24 }
  return async () => {
    const salt = bytesOf(match[4])
    const actual = await scryptBytes(Buffer.from(password), salt, expected.length, options)
    return timingSafeEqual(actual, expected)
  }
}

// Also as passlib writes it: `$pbkdf2$` for SHA-1, the count without its name, `.` for `+`.
const PBKDF2 =
  /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,7})(?:,l=\d+)?\$([A-Za-z0-9+/.]{0,86})\$([A-Za-z0-9+/.]{22,86})$/

const DIGEST_BYTES = new Map([
  ['sha1', 20],
  ['sha256', 32],
  ['sha512', 64],
])

function pbkdf2Check(stored: string, password: string): Check | null {
  const match = PBKDF2.exec(stored)
  if (!match) return null
  const rounds = Number(match[2])
  const expected = bytesOf(match[4])
  const digest = match[1] ?? 'sha1'
  // Every block of the digest's size costs all rounds; two million of them take about a second.
  const blocks = Math.ceil(expected.length / (DIGEST_BYTES.get(digest) ?? 1))
  if (rounds < 1 || rounds * blocks > 2_000_000) return null
  return async () => {
    const actual = await pbkdf2Bytes(password, bytesOf(match[3]), rounds, expected.length, digest)
    return timingSafeEqual(actual, expected)
  }
}

/** The first three groups, which every argon2 and scrypt hash has. */
function costsOf(match: RegExpExecArray): [number, number, number] {
  return [Number(match[1]), Number(match[2]), Number(match[3])]
}

/** Of base64 without padding; the form of passlib has a dot for the plus. */
function bytesOf(text = ''): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64')
}
