// The account, and what there is to ask about a person; ends with a new link by code.
import assert from 'node:assert/strict'
import { api, CONTACT, contactNumber, eventually, NUMBER, options, phone, sdk } from './sdk.mjs'

const { instance, settings } = api

assert.deepEqual(await instance.getStateInstance(), { stateInstance: 'authorized' })
assert.deepEqual(await settings.setSettings({ countryInstance: 'ru', stateWebhook: 'yes', delaySendMessagesMilliseconds: 500 }), { saveSettings: true })
const saved = await settings.getSettings()
assert.equal(saved.stateWebhook, 'yes')
assert.equal(saved.wid, `${NUMBER}@c.us`)
assert.equal((await settings.getWaSettings()).stateInstance, 'authorized')
assert.equal((await instance.qr()).type, 'alreadyLogged')
assert.equal(typeof (await instance.getDeviceInfo()).platform, 'string')

assert.equal((await instance.checkWhatsapp(parseInt(contactNumber))).existsWhatsapp, true)
assert.equal((await instance.getAvatar(saved.wid)).available, true)
assert.match((await instance.getAvatar(null, parseInt(contactNumber))).urlAvatar, /^http/)
assert.equal((await instance.getContactInfo(CONTACT)).chatId, CONTACT)

// The double slash that a host with a slash at its end leads to, and what the SDK makes of a wrong token.
assert.equal((await sdk.restAPI({ ...options, host: options.host + '/' }).instance.reboot()).isReboot, true)
const stranger = sdk.restAPI({ ...options, apiTokenInstance: 'wrong' })
await assert.rejects(stranger.instance.getStateInstance(), (error) => error.response.status === 401 && error.response.data === '')

assert.deepEqual(await instance.logout(), { isLogout: true })
const { status, code } = await instance.getAuthorizationCode(parseInt(NUMBER))
assert.equal(status, true)
await phone(NUMBER, 'POST', 'code', { code })
await eventually('authorized', async () => (await instance.getStateInstance()).stateInstance === 'authorized')
