import type { ShownAsset } from '../manage/assets.ts'
import { columns } from './output.ts'

/** An asset for people. */
export function assetLines({ id, name, version, state, members }: ShownAsset): string[] {
  const own = Object.entries(members).map(([member, value]) => [member, valueText(value)])
  return columns([['name', name], ['version', version], ['state', state], ['id', id], ...own])
}

function valueText(value: unknown): string {
  if (value === null) return '-'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
