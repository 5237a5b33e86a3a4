import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { idsOf, onEachSdk, refusal, type SdkScene } from '../support/arrowdb-scene.ts'
import { uniquePicture } from '../support/unique-picture.ts'

onEachSdk('media', (scene) => {
  it('uploads photos and finds them again', async () => {
    const { ann, ben, ids, photo, folder } = scene()
    const sizes = { photo_sizes: { preview: '75x75#' }, photo_sync_sizes: ['preview'] }
    const options = { photo, title: 'Sunset', tags: 'sky', ...sizes }
    const made = (await ann.call('photosCreate', options)).response.photos[0]
    assert.deepEqual([made.title, made.processed], ['Sunset', false])
    assert.ok(made.urls.preview)
    const { urls, filename } = await processed(scene(), made.id)
    assert.equal(filename, 'photo.jpg')
    const original = Buffer.from(await (await fetch(urls.original)).arrayBuffer())
    assert.ok(original.equals(await readFile(photo)), 'not the same file')

    const png = join(folder, 'other.png')
    await writeFile(png, await uniquePicture(40, 40, 'png'))
    await ann.call('photosUpdate', { photo_id: made.id, title: 'Dawn', photo: png })
    const replaced = await processed(scene(), made.id)
    assert.deepEqual([replaced.title, replaced.content_type], ['Dawn', 'image/png'])
    assert.equal((await fetch(replaced.urls.original)).headers.get('content-type'), 'image/png')

    const where = { where: { title: 'Dawn' } }
    assert.deepEqual(idsOf(await ben.call('photosQuery', where), 'photos'), [made.id])
    const found = await ben.call('photosSearch', { user_id: ids.ann })
    assert.ok(idsOf(found, 'photos').includes(made.id))
    assert.deepEqual(
      await ann.refused('photosCreate', { title: 'x' }),
      refusal(400, 'Photo parameter required for photo upload'),
    )
    assert.equal((await ben.refused('photosDelete', { photo_id: made.id }))[0], 400)
  })

  it('deletes photos with their files', async () => {
    const { ann, photo } = scene()
    const make = async () => idsOf(await ann.call('photosCreate', { photo, title: 'no' }), 'photos')
    const [first] = await make()
    const { urls: lost } = await processed(scene(), String(first))
    await ann.call('photosDelete', { photo_id: first })
    await ann.call('photosRemove', { photo_id: (await make())[0] })
    await untilGone(lost.original)
  })

  it('works with collections of photos', async () => {
    const { admin, ann, ben, ids, photo } = scene()
    const [album] = (await ann.call('photoCollectionsCreate', { name: 'Sea' })).response.collections
    const { id } = album
    const of = { collection_id: id }
    const within = { name: 'Boats', parent_collection_id: id }
    const [inner] = idsOf(await ann.call('photoCollectionsCreate', within), 'collections')
    const [photoId] = idsOf(await ann.call('photosCreate', { photo, ...of }), 'photos')
    const [shown] = (await ben.call('photoCollectionsShow', of)).response.collections
    assert.deepEqual(shown.counts, { photos: 1, total_photos: 1, subcollections: 1 })
    assert.equal(shown.cover_photo_id, photoId)
    assert.deepEqual(idsOf(await ben.call('photoCollectionsShowPhotos', of), 'photos'), [photoId])
    const inside = await ben.call('photoCollectionsShowSubcollections', of)
    assert.deepEqual(idsOf(inside, 'collections'), [inner])
    const found = await ben.call('photoCollectionsSearch', { user_id: ids.ann })
    assert.deepEqual(idsOf(found, 'collections'), [id])
    const change = { ...of, name: 'Ocean' }
    const [updated] = (await ann.call('photoCollectionsUpdate', change)).response.collections
    assert.equal(updated.name, 'Ocean')
    assert.equal((await ann.call('photoCollectionsCount')).meta.count, 2)
    assert.equal((await ann.refused('photoCollectionsDelete', of))[0], 400)
    await ann.call('photoCollectionsDelete', { collection_id: inner })
    await ann.call('photosDelete', { photo_id: photoId })
    await ann.call('photoCollectionsRemove', of)
    await ann.call('photoCollectionsCreate', { name: 'Last' })
    await admin.call('photoCollectionsBatchDelete')
    await scene().untilCount('photoCollectionsCount', 0)
  })

  it('works with files, which are soon to be had', async () => {
    const { admin, ann, ben, ids, folder } = scene()
    const chart = join(folder, 'chart.txt')
    await writeFile(chart, 'a chart')
    const options = { file: chart, name: 'Chart', custom_fields: { pages: 3 } }
    const [made] = (await ann.call('filesCreate', options)).response.files
    assert.deepEqual([made.name, made.processed, made.user_id], ['Chart', false, ids.ann])
    const { id } = made
    const shown = async () => (await ben.call('filesShow', { file_id: id })).response.files[0]
    const isDone = () => ben.call('filesShow', { file_id: id })
    const first = await scene().until('the file is processed', isDone, isProcessed)
    const { url } = first.response.files[0]
    assert.equal(await (await fetch(url)).text(), 'a chart')

    await writeFile(chart, 'a newer chart')
    await ann.call('filesUpdate', { file_id: id, file: chart, custom_fields: { pages: 4 } })
    await scene().until('the newer file is processed', isDone, isProcessed)
    assert.equal(await (await fetch((await shown()).url)).text(), 'a newer chart')
    await untilGone(url)
    const thick = { where: { pages: { $gt: 3 } } }
    assert.deepEqual(idsOf(await ben.call('filesQuery', thick), 'files'), [id])
    assert.equal((await ben.refused('filesDelete', { file_id: id }))[0], 400)
    const make = async () => idsOf(await ann.call('filesCreate', options), 'files')[0]
    await ann.call('filesDelete', { file_id: await make() })
    await ann.call('filesRemove', { file_id: await make() })
    assert.equal((await ann.call('filesCount')).meta.count, 1)
    await admin.call('filesBatchDelete')
    await scene().untilCount('filesCount', 0)
  })

  it('deletes all photos', async () => {
    await scene().admin.call('photosBatchDelete')
    await scene().untilCount('photosCount', 0)
  })
})

type Processed = {
  readonly response?: { readonly files: readonly { readonly processed: boolean }[] }
}

function isProcessed({ response }: Processed): boolean {
  return response?.files[0]?.processed === true
}

async function processed(scene: SdkScene, id: string) {
  const ask = () => scene.ann.call('photosShow', { photo_id: id })
  const done = await scene.until('the photo is processed', ask, ({ response }) =>
    Boolean(response.photos[0].processed),
  )
  return done.response.photos[0]
}

/** Files of what is deleted or replaced are removed by jobs. */
async function untilGone(url: string): Promise<void> {
  for (let tries = 0; (await fetch(url)).status !== 404; tries += 1) {
    assert.ok(tries < 100, `${url} is still there`)
    await sleep(100)
  }
}
