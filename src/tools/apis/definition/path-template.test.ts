import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fitOf, parsePath, segmentsOf, shapeOf } from './path-template.ts'

describe('a path with parameters', () => {
  for (const path of ['orders', '/a/{b}{c}', '/a/{b', '/a/b}', '/{}', '/{a/b}']) {
    it(`is not ${path}`, () => assert.equal(parsePath(path), null))
  }

  const rows: readonly (readonly [template: string, path: string, fit: string | null])[] = [
    ['/', '/', ''],
    ['/orders', '/orders/', '3'],
    ['/orders', '/Orders', null],
    ['/orders', '/orders/7', null],
    ['/orders/{id}', '/orders/7', '31'],
    ['/orders/{id}', '/orders', null],
    ['/orders/{id}.json', '/orders/7.json', '32'],
    ['/orders/{id}.json', '/orders/.json', null],
    ['/orders/count', '/orders/count', '33'],
  ]
  for (const [template, path, fit] of rows) {
    it(`${fit === null ? 'refuses' : 'takes'} ${path} for ${template}`, () => {
      const parsed = parsePath(template)
      assert.ok(parsed)
      assert.equal(fitOf(parsed, segmentsOf(path)), fit)
    })
  }

  it('has the same shape whatever its parameters are called', () => {
    const [one, other] = [parsePath('/a/{b}/c'), parsePath('/a/{d}/c/')]
    assert.equal(one && shapeOf(one), other && shapeOf(other))
  })
})
