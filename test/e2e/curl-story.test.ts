import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'

import { startPostgres } from '../support/postgres.ts'
import { launch, ServerProcess } from '../support/process.ts'
import { type Body, DATABASES } from '../support/test-app.ts'
import { uniquePicture } from '../support/unique-picture.ts'

type Curled = { readonly body: Body; readonly talk: string }

const OBJECT_ID = /^[0-9a-f]{24}$/

for (const database of DATABASES) {
  describe(`curl, as the guides use it, on ${database}`, () => {
    let server: ServerProcess
    let folder: string
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'homeport-curl-'))
      server = await ServerProcess.start(database)
      for (const [name, format] of [
        ['photo.jpg', 'jpeg'],
        ['photo.png', 'png'],
        ['photo.gif', 'gif'],
      ] as const) {
        await writeFile(join(folder, name), await uniquePicture(320, 240, format))
      }
    })
    after(async () => {
      await server?.dispose()
      await rm(folder, { recursive: true, force: true })
    })

    const url = (path: string, query = '') =>
      `${server.url}/v1/${path}.json?key=${server.backend.clientId}${query}`
    /** `-F` for each field. */
    const form = (...fields: string[]) => fields.flatMap((field) => ['-F', field])
    const JAR = ['-b', 'cookies.txt', '-c', 'cookies.txt']
    const run = (...args: string[]) => curl(folder, args)
    const jar = async () => {
      const text = await readFile(join(folder, 'cookies.txt'), 'utf8')
      return /\t_session_id\t(\S+)$/m.exec(text)?.[1]
    }

    let placeId: string
    let sessionId: string

    it('makes a user and keeps the session in the cookie jar', async () => {
      const names = ['email=ann@example.org', 'first_name=Ann', 'last_name=Lee']
      const secret = ['password=food', 'password_confirmation=food']
      const { body } = await run(...JAR, ...form(...names, ...secret), url('users/create'))
      assert.equal(body.meta.method_name, 'createUser')
      assert.equal(await jar(), body.meta.session_id)
    })

    it('logs in and shows the headers of the original', async () => {
      const expect = ['-H', 'Expect: 100-continue']
      const login = form('login=ann@example.org', 'password=food')
      const { body, talk } = await run('-v', ...expect, ...JAR, ...login, url('users/login'))
      const { meta, response } = body
      assert.deepEqual([meta.code, meta.status, meta.method_name], [200, 'ok', 'loginUser'])
      sessionId = String(meta.session_id)
      assert.match(sessionId, /^[\w-]{27}$/)
      const [user] = response.users
      assert.match(user.id, OBJECT_ID)
      assert.match(user.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/)
      assert.deepEqual([user.admin, user.external_accounts], ['false', []])

      assert.match(talk, /^< HTTP\/1\.1 100 Continue/m)
      assert.match(talk, /^< HTTP\/1\.1 200 OK/m)
      for (const header of [
        `Set-Cookie: _session_id=${sessionId}; path=/; HttpOnly`,
        'Content-Type: application/json; charset=utf-8',
        'Access-Control-Allow-Methods: POST, GET, PUT, DELETE, OPTIONS',
        'Access-Control-Allow-Credentials: true',
        'Cache-Control: max-age=0, private, must-revalidate',
      ]) {
        const sent = talk.split(/\r?\n/).map((line) => line.toLowerCase())
        assert.ok(sent.includes(`< ${header}`.toLowerCase()), `no ${header} in\n${talk}`)
      }
      assert.match(talk, /^< Access-Control-Allow-Headers: .*x-requested-with/im)
      assert.equal(await jar(), sessionId)
    })

    it('is known by the cookie jar alone', async () => {
      const { body } = await run(...JAR, url('users/show/me'))
      assert.equal(body.response.users[0].email, 'ann@example.org')
      assert.equal(body.meta.session_id, sessionId)
    })

    it('is known by _session_id in the URL alone', async () => {
      const { body } = await run(url('users/show/me', `&_session_id=${sessionId}`))
      assert.equal(body.response.users[0].email, 'ann@example.org')
    })

    for (const [who, query, code] of [
      ['nobody', '', 401],
      ['somebody whose session has ended', '&_session_id=sjuvQqSEYTD3DekMCrUHcCTf7GU', 404],
    ] as const) {
      it(`is refused with ${code} as ${who}`, async () => {
        const { body } = await run(url('users/show/me', query))
        assert.deepEqual([body.meta.status, body.meta.code], ['fail', code])
        assert.equal(body.meta.method_name, 'showMe')
        assert.equal(body.response, undefined)
      })
    }

    it('is refused without an App Key, and with a wrong one', async () => {
      for (const [key, code] of [
        ['', 401],
        ['?key=', 401],
        ['?key=vjCQ6KRqplmkektlpbEjiDQ2nYReubkP', 400],
      ] as const) {
        const { body } = await run(`${server.url}/v1/places/query.json${key}`)
        assert.equal(body.meta.code, code, key)
        assert.match(String(body.meta.message), /App key/i)
      }
    })

    it('makes an object, whose id shows it again', async () => {
      const fields = ['name=Maya Restaurant', 'address=303 2nd Street', 'city=San Francisco']
      const more = ['country=United States', 'tags=food, maya']
      // With -F curl takes a bracket for the beginning of nested parts.
      const phone = ['--form-string', 'phone_number=(415) 543-2928']
      const made = await run(...JAR, ...form(...fields, ...more), ...phone, url('places/create'))
      placeId = made.body.response.places[0].id
      assert.match(placeId, OBJECT_ID)
      const { body } = await run(url('places/show', `&place_id=${placeId}`))
      const [place] = body.response.places
      assert.equal(place.phone_number, '(415) 543-2928')
      assert.deepEqual(place.tags, ['food', 'maya'])
    })

    it('changes an object with PUT', async () => {
      const fields = form(`place_id=${placeId}`, 'name=Maya', 'custom_fields={"stars":4}')
      const { body } = await run('-X', 'PUT', ...JAR, ...fields, url('places/update'))
      const [place] = body.response.places
      assert.deepEqual([place.name, place.custom_fields], ['Maya', { stars: 4 }])
    })

    for (const [file, type] of [
      ['photo.jpg', 'image/jpeg'],
      ['photo.png', 'image/png'],
      ['photo.gif', 'image/gif'],
    ] as const) {
      it(`uploads ${file} beside a message, and gets the same file back`, async () => {
        const fields = form(`photo=@${file}`, 'message=At the beach', `place_id=${placeId}`)
        const { body } = await run('-v', ...JAR, ...fields, url('checkins/create'))
        const [checkin] = body.response.checkins
        assert.equal(checkin.message, 'At the beach')
        const photo = await processed(checkin.photo_id)
        assert.deepEqual([photo.filename, photo.content_type], [file, type])
        const download = ['-D', 'headers.txt', '-o', 'back', photo.urls.original]
        await execCurl(folder, ['-sS', '--fail', ...download])
        const back = await readFile(join(folder, 'back'))
        assert.ok(back.equals(await readFile(join(folder, file))), 'not the same file')
        const headers = await readFile(join(folder, 'headers.txt'), 'utf8')
        assert.match(headers, new RegExp(`^content-type: ${type}\r$`, 'im'))
      })
    }

    it('gets the sizes that it asks for', async () => {
      const sizes = ['photo_sizes[preview]=75x75#', 'photo_sizes[wide]=160x160']
      const fields = form('photo=@photo.jpg', ...sizes, 'photo_sync_sizes[]=preview')
      const { body } = await run(...JAR, ...fields, url('photos/create'))
      const [photo] = body.response.photos
      assert.deepEqual(Object.keys(photo.urls).sort(), ['original', 'preview'])
      const { urls } = await processed(photo.id)
      const sizeOf = async (size: string) => {
        await execCurl(folder, ['-sS', '--fail', '-o', 'size', urls[size]])
        const { width, height } = await sharp(join(folder, 'size')).metadata()
        return [width, height]
      }
      assert.deepEqual(await sizeOf('preview'), [75, 75])
      assert.deepEqual(await sizeOf('wide'), [160, 120])
    })

    it('is refused a photo that is none, and then nothing is made', async () => {
      const count = async () => (await run(url('checkins/count'))).body.meta.count
      const before = await count()
      const text = form('photo=@cookies.txt;type=image/jpeg', 'message=x', `place_id=${placeId}`)
      const { body } = await run(...JAR, ...text, url('checkins/create'))
      assert.equal(body.meta.code, 400)
      assert.match(String(body.meta.message), /^Invalid photo file attachment/)
      assert.equal(await count(), before)
    })

    it('deletes with the parameters in the URL', async () => {
      const fields = form('name=Gone', 'city=Nowhere')
      const made = await run(...JAR, ...fields, url('places/create'))
      const id = made.body.response.places[0].id
      const deletion = url('places/delete', `&place_id=${id}`)
      const { body } = await run('-X', 'DELETE', ...JAR, deletion)
      assert.deepEqual(body.meta, { code: 200, status: 'ok', method_name: 'deletePlace' })
      assert.equal(body.response, undefined)
      const shown = await run(url('places/show', `&place_id=${id}`))
      assert.deepEqual([shown.body.meta.code, shown.body.meta.message], [400, 'Invalid place id'])
    })

    it('pages with limit and skip on a new app', async () => {
      for (let number = 1; number <= 24; number += 1) {
        const fields = form(`name=Pier ${number}`, 'city=Harbour')
        await run(...JAR, ...fields, url('places/create'))
      }
      const { body } = await run('-G', url('places/query', '&limit=5&skip=20&count=true'))
      assert.equal(body.response.places.length, 5)
      assert.equal(body.meta.count, 25)
      assert.equal(body.meta.total_pages, undefined)
    })

    it('pages with page and per_page on an app of an old release', async () => {
      await server.set({ mbsRelease: '1.1.4' })
      const page = async (query: string) => {
        const { body } = await run(url('places/query', query))
        const { page, per_page, total_pages, total_results } = body.meta
        const length = body.response.places.length
        return { length, page, per_page, total_pages, total_results }
      }
      const ten = { per_page: 10, total_pages: 3, total_results: 25 }
      assert.deepEqual(await page(''), { length: 10, page: 1, ...ten })
      assert.deepEqual(await page('&page=3'), { length: 5, page: 3, ...ten })
      assert.deepEqual(await page('&page=4'), { length: 0, page: 4, ...ten })
      const twenty = { per_page: 20, total_pages: 2, total_results: 25 }
      assert.deepEqual(await page('&page=2&per_page=20'), { length: 5, page: 2, ...twenty })
    })

    it('is still logged in after the server was stopped and started', async () => {
      const { body } = await run(...JAR, url('users/show/me'))
      assert.equal(body.meta.session_id, sessionId)
    })

    it('logs out, which empties the jar and ends the session', async () => {
      const { body, talk } = await run('-v', ...JAR, url('users/logout'))
      assert.equal(body.meta.code, 200)
      assert.match(talk, /^< Set-Cookie: _session_id=;/im)
      assert.equal(await jar(), undefined)
      assert.equal((await run(...JAR, url('users/show/me'))).body.meta.code, 401)
      const old = await run(url('users/show/me', `&_session_id=${sessionId}`))
      assert.equal(old.body.meta.code, 404)
    })

    it('never made the server log a problem', () => {
      assert.deepEqual(server.problems, [])
    })

    async function processed(photoId: string) {
      for (let tries = 0; tries < 100; tries += 1) {
        const { body } = await run(url('photos/show', `&photo_id=${photoId}`))
        const [photo] = body.response.photos
        if (photo.processed) return photo
        await sleep(100)
      }
      throw new Error('the photo was not processed')
    }
  })

  describe(`the call that a first start prints, on ${database}`, () => {
    it('works as pasted', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'homeport-curl-'))
      const postgres = database === 'postgres' ? await startPostgres() : null
      const env = postgres ? { HOMEPORT_DATABASE_URL: await postgres.createDatabase() } : {}
      const server = launch(['start', '--data-dir', join(folder, 'data'), '--port', '0'], env)
      try {
        const line = await greeted(server.text)
        const { stdout } = await exec('sh', ['-c', line], folder)
        const { meta, response } = JSON.parse(stdout) as Body
        assert.deepEqual([meta.code, meta.method_name], [200, 'createUser'])
        assert.equal(response.users[0].username, 'ada')
      } finally {
        server.child.kill('SIGTERM')
        await server.ended
        await postgres?.stop()
        await rm(folder, { recursive: true, force: true })
      }
    })
  })
}

async function greeted(text: { readonly stderr: string }): Promise<string> {
  for (let tries = 0; tries < 300; tries += 1) {
    const line = /^ {2}(curl .*)$/m.exec(text.stderr)?.[1]
    if (line) return line
    await sleep(100)
  }
  throw new Error(`no curl line in\n${text.stderr}`)
}

/** One call. What it printed has to be JSON, whatever the status. */
async function curl(folder: string, args: readonly string[]): Promise<Curled> {
  const { stdout, stderr } = await execCurl(folder, ['-sS', ...args])
  return { body: JSON.parse(stdout) as Body, talk: stderr }
}

function execCurl(folder: string, args: readonly string[]) {
  // A proxy or a file of settings on this machine must not change the story.
  return exec('curl', ['-q', '--noproxy', '*', '--max-time', '30', ...args], folder)
}

async function exec(program: string, args: readonly string[], cwd: string) {
  return new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
    execFile(program, args, { cwd, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (!error) return resolve({ stdout, stderr })
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      const hint = 'These tests run the real curl, which is missing: apt-get install curl'
      reject(isMissing ? new Error(hint) : error)
    })
  })
}
