import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../storage/sqlite/driver.ts'

/** Held by one process on the machine; ends with `release`, or with the process, however it ends. */
export type Lock = { release(): void }

const POLL_MS = 50

/**
 * Takes the lock that a file stands for, or gives `null` when someone else still holds it after
 * `waitMs`.
 *
 * Node offers no file locks, so the file is an empty database that is locked and never written. The
 * lock is the operating system's: after `kill -9` or a power cut nothing stale is left, process
 * numbers that come again (every container has a 1) deceive nobody, and containers that share the
 * folder see it.
 *
 * NOTE: nothing else in this process may open the file: closing it would give up the lock (POSIX).
 */
export async function takeLock(path: string, waitMs: number): Promise<Lock | null> {
  const deadline = Date.now() + waitMs
  for (;;) {
    const lock = tryLock(path)
    if (lock || Date.now() >= deadline) return lock
    await sleep(POLL_MS)
  }
}

function tryLock(path: string): Lock | null {
  const db = openDatabase(path)
  try {
    // A journal file beside the lock would be left behind by a process that is killed.
    db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return { release: () => db.close() }
  } catch (error) {
    db.close()
    if ((error as { errcode?: number }).errcode === BUSY) return null
    throw error
  }
}

/** SQLITE_BUSY: another connection holds the lock. */
const BUSY = 5
