/** One row an insert, all that wait in one transaction, on the medium before the answer. */
import { parentPort, workerData } from 'node:worker_threads'
import { connect } from '../src/storage/sqlite/connection.ts'

export type Inserted = { readonly ids: readonly number[] }

const { file } = workerData as { file: string }
const db = connect(file, 'write')
db.exec('CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, data TEXT)')
const insert = db.prepare('INSERT INTO bare (data) VALUES (?)')

parentPort?.on('message', (rows: readonly { id: number; data: string }[]) => {
  db.exec('BEGIN IMMEDIATE')
  for (const { data } of rows) insert.run(data)
  db.exec('COMMIT')
  parentPort?.postMessage({ ids: rows.map(({ id }) => id) } satisfies Inserted)
})
