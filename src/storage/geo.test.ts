import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { distanceRadians, rangesAround } from './geo.ts'
import { pointKey, pointOfKey } from './keys.ts'

const longitude = fc.double({ min: -180, max: 180, noNaN: true })
const latitude = fc.double({ min: -90, max: 90, noNaN: true })
const point = fc.record({ longitude, latitude })

describe('rangesAround', () => {
  it('covers every point of a circle, with few ranges', () => {
    const radius = fc.double({ min: 1e-7, max: Math.PI, noNaN: true })
    fc.assert(
      fc.property(point, point, radius, (centre, other, reach) => {
        const ranges = rangesAround(centre, reach)
        assert.ok(ranges.length <= 16)
        const key = pointKey(other.longitude, other.latitude)
        if (distanceRadians(centre, pointOfKey(key)) > reach) return
        assert.ok(ranges.some(({ from, upTo }) => key >= from && key <= upTo))
      }),
      { numRuns: 2000 },
    )
  })

  it('is not much more than the circle', () => {
    const ranges = rangesAround({ longitude: 13.4, latitude: 52.5 }, 1 / 6371)
    const cells = ranges.reduce(
      (sum, { from, upTo }) => sum + Number(BigInt(`0x${upTo}`) - BigInt(`0x${from}`)),
      0,
    )
    assert.ok(cells / 2 ** 64 < 1e-6)
  })
})

describe('distanceRadians', () => {
  it('is a quarter of the way round from the equator to the pole', () => {
    const distance = distanceRadians({ longitude: 5, latitude: 0 }, { longitude: 50, latitude: 90 })
    assert.ok(Math.abs(distance - Math.PI / 2) < 1e-12)
  })
})
