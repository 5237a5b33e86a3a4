import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EARLY_SIZES, parsePhotoSizes } from './sizes.ts'

describe('parsePhotoSizes', () => {
  it('reads sizes to fit into and sizes to crop to', () => {
    assert.deepEqual(parsePhotoSizes({ preview: '75x75#', wide_1: '1024x683' }), [
      { name: 'preview', width: 75, height: 75, crop: true },
      { name: 'wide_1', width: 1024, height: 683, crop: false },
    ])
  })

  it('reads the same as JSON text, and no sizes as none', () => {
    assert.deepEqual(parsePhotoSizes('{"p":"1x10000"}'), [
      { name: 'p', width: 1, height: 10_000, crop: false },
    ])
    assert.deepEqual(parsePhotoSizes({}), [])
    assert.deepEqual(parsePhotoSizes('{}'), [])
  })

  it('takes one very large side, which apps write to bound the other alone', () => {
    assert.equal(parsePhotoSizes({ p: '9999x200' })[0]?.width, 9999)
  })

  const refused: readonly (readonly [string, unknown])[] = [
    ['they are no object', '75x75'],
    ['they are a list', ['75x75']],
    ['they are null', null],
    ['the JSON is broken', '{"p":'],
    ['there are six', Object.fromEntries('abcdef'.split('').map((n) => [n, '9x9']))],
    ['a name is empty', { '': '9x9' }],
    ['a name has a slash', { 'a/b': '9x9' }],
    ['a name has dots', { '..': '9x9' }],
    ['a name is too long', { ['a'.repeat(65)]: '9x9' }],
    ['a name is original', { original: '9x9' }],
    ['a size is a number', { p: 75 }],
    ['a size has one side', { p: '75' }],
    ['a size has a third', { p: '75x75x75' }],
    ['a size is negative', { p: '-75x75' }],
    ['a size has a fraction', { p: '7.5x75' }],
    ['a side is nothing', { p: '0x75' }],
    ['a side is too long', { p: '75x10001' }],
    ['both sides are long', { p: '6000x6000' }],
    ['the mark is another', { p: '75x75!' }],
  ]
  for (const [why, value] of refused) {
    it(`refuses sizes when ${why}, naming the parameter`, () => {
      assert.throws(() => parsePhotoSizes(value), { code: 'param_invalid', message: /photo_sizes/ })
    })
  }

  it('has the six sizes of early apps', () => {
    const written = EARLY_SIZES.map((s) => `${s.name} ${s.width}x${s.height}${s.crop ? '#' : ''}`)
    assert.equal(
      written.join(', '),
      'square_75 75x75#, thumb_100 100x67, small_240 240x160, medium_500 500x333, medium_640 640x427, large_1024 1024x683',
    )
  })
})
