// Receives by the SDK's Express helper, which needs of Express only that it takes a handler for a route.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { api, arrived, CONTACT, contactNumber, eventually, NUMBER, phone, PHOTO, says, sdk } from './sdk.mjs'
import { readFileSync } from 'node:fs'

const routes = {}
const hooks = sdk.webhookAPI({ post: (path, handler) => (routes[path] = handler) }, '/webhooks')
const authorizations = new Set()
const server = createServer(async (req, res) => {
  authorizations.add(req.headers.authorization)
  req.body = await json(req)
  await routes[req.url](req, { send: () => res.end() }, (error) => res.writeHead(500).end(String(error)))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

const seen = {}
hooks.onIncomingMessageText((data, instance, id, sender, type, text) => (seen.text = { instance, id, sender, type, text }))
hooks.onIncomingMessageFile((data, instance, id) => (seen.file = id))
hooks.onIncomingMessageLocation((data, instance, id, sender, type, latitude) => (seen.location = latitude))
hooks.onIncomingMessageContact((data, instance, id, sender, type, name) => (seen.contact = name))
hooks.onOutgoingMessageStatus((data, instance, id, status) => (seen[status] = id))
hooks.onStateInstance(({ stateInstance }) => (seen[stateInstance] = true))

const { message, settings } = api
await settings.setSettings({
  webhookUrl: `http://127.0.0.1:${server.address().port}/webhooks`, webhookUrlToken: 'secret', delaySendMessagesMilliseconds: 0,
  incomingWebhook: 'yes', outgoingWebhook: 'yes', stateWebhook: 'yes',
})
const { id } = await says('Hello')
await eventually('a text', () => seen.text)
assert.deepEqual(seen.text, { instance: Number(process.env.ID_INSTANCE), id, sender: CONTACT, type: 'textMessage', text: 'Hello' })
const picture = await phone(contactNumber, 'POST', `media?to=${NUMBER}&kind=image`, readFileSync(PHOTO))
await eventually('a file', () => seen.file === picture.id)
const place = await message.sendLocation(CONTACT, null, 'Office', '1 Main Street', 55.75, 37.61)
const card = await message.sendContact(CONTACT, null, { phoneContact: 15550003333, firstName: 'Cleo' })
await phone(contactNumber, 'POST', `messages/${(await arrived(place, 'location')).id}/forward`, { to: NUMBER })
await phone(contactNumber, 'POST', `messages/${(await arrived(card, 'vcard')).id}/forward`, { to: NUMBER })
await eventually('a location', () => seen.location === 55.75)
await eventually('a contact', () => seen.contact === 'Cleo')
await eventually('a delivered message', () => seen.delivered === card.idMessage)
await api.instance.reboot()
await eventually('the instance started again', () => seen.authorized)
assert.deepEqual([...authorizations], ['Bearer secret'])
process.exit()
