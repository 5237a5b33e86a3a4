import { before, it } from 'node:test'
import { onEachDatabase } from '../test-app.ts'
import { type Row, runRow } from './rows.ts'
import { type Caller, Scene } from './scene.ts'

/** Declares the tests of a whole table, on each database: one for each row, in one scene. */
export function permissionTable(
  name: string,
  rows: readonly Row[],
  callers: readonly Caller[],
): void {
  onEachDatabase(name, (app) => {
    let scene: Scene
    before(async () => {
      scene = await Scene.set(app())
    })
    for (const [i, row] of rows.entries()) {
      const { path, of = 'nothing', state = '' } = row
      it(`hold for ${path} and ${of} ${state} (row ${i + 1})`, () => runRow(scene, row, callers))
    }
  })
}
