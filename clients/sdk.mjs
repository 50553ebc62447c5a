// Runs the calls of the JavaScript SDK that greengate serves; the SDK itself is unmodified.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const whatsapp = createRequire(import.meta.url)('@green-api/whatsapp-api-client')
const { API_URL, ID_INSTANCE, API_TOKEN_INSTANCE, CONTACT } = process.env
const options = { host: API_URL, media: API_URL, idInstance: ID_INSTANCE, apiTokenInstance: API_TOKEN_INSTANCE }
const { instance, settings } = whatsapp.restAPI(options)
const number = parseInt(CONTACT)

assert.deepEqual(await instance.getStateInstance(), { stateInstance: 'authorized' })
assert.deepEqual(await settings.setSettings({ countryInstance: 'ru', stateWebhook: 'yes', delaySendMessagesMilliseconds: 500 }), { saveSettings: true })
const saved = await settings.getSettings()
assert.equal(saved.stateWebhook, 'yes')
assert.match(saved.wid, /^\d+@c\.us$/)
assert.equal((await settings.getWaSettings()).stateInstance, 'authorized')
assert.equal((await instance.qr()).type, 'alreadyLogged')
assert.equal(typeof (await instance.getDeviceInfo()), 'object')

assert.equal((await instance.checkWhatsapp(number)).existsWhatsapp, true)
assert.equal((await instance.getAvatar(saved.wid)).available, true)
assert.match((await instance.getAvatar(null, number)).urlAvatar, /^http/)
assert.equal((await instance.getContactInfo(CONTACT)).chatId, CONTACT)

// The double slash that a host with a slash at its end leads to, and what the SDK makes of a wrong token.
assert.equal((await whatsapp.restAPI({ ...options, host: API_URL + '/' }).instance.reboot()).isReboot, true)
const stranger = whatsapp.restAPI({ ...options, apiTokenInstance: 'wrong' })
await assert.rejects(stranger.instance.getStateInstance(), (error) => error.response.status === 401 && error.response.data === '')

assert.deepEqual(await instance.logout(), { isLogout: true })
assert.equal((await instance.getAuthorizationCode(parseInt(saved.wid))).status, true)
