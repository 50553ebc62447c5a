// Receives what a person sends by the SDK's own loop, and deletes a notification by hand.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { api, arrived, CONTACT, contactNumber, eventually, NUMBER, phone, PHOTO, says } from './sdk.mjs'

const { message, settings, webhookService } = api
await settings.setSettings({ incomingWebhook: 'yes', outgoingWebhook: 'yes', stateWebhook: 'yes', delaySendMessagesMilliseconds: 0 })

const { id } = await says('By hand')
const first = await webhookService.receiveNotification()
assert.equal(first.body.idMessage, id)
assert.equal(first.body.messageData.textMessageData.textMessage, 'By hand')
assert.deepEqual(await webhookService.deleteNotification(first.receiptId), { result: true, reason: '' })
assert.equal((await message.lastIncomingMessages()).find(({ idMessage }) => idMessage === id).textMessage, 'By hand')

const seen = {}
for (const kind of ['Text', 'Image', 'Video', 'Document', 'Audio', 'TextURL', 'Contact', 'Location']) {
  webhookService[`onReceivingMessage${kind}`](({ idMessage }) => (seen[kind] = idMessage))
}
webhookService.onReceivingOutboundMessageStatus(({ status }) => (seen[status] = true))
webhookService.onReceivingAccountStatus(({ stateInstance }) => (seen[stateInstance] = true))
await webhookService.startReceivingNotifications()

const sent = { Text: (await says('By the loop')).id }
for (const [kind, media] of [['Image', 'image'], ['Video', 'video'], ['Document', 'document'], ['Audio', 'audio']]) {
  sent[kind] = (await phone(contactNumber, 'POST', `media?to=${NUMBER}&kind=${media}`, readFileSync(PHOTO))).id
}
// What the control API cannot make, the phone sends back.
const place = await message.sendLocation(CONTACT, null, 'Office', '1 Main Street', 55.75, 37.61)
const card = await message.sendContact(CONTACT, null, { phoneContact: 15550003333, firstName: 'Cleo' })
for (const [kind, original, type] of [['Location', place, 'location'], ['Contact', card, 'vcard']]) {
  const { id } = await arrived(original, type)
  sent[kind] = (await phone(contactNumber, 'POST', `messages/${id}/forward`, { to: NUMBER })).id
}
await eventually(`callbacks for ${Object.keys(sent)}, not only ${Object.keys(seen)}`, () => Object.keys(sent).every((kind) => seen[kind] === sent[kind]))
await eventually('a delivered message', () => seen.delivered)
await api.instance.reboot()
await eventually('the instance started again', () => seen.starting && seen.authorized)
await webhookService.stopReceivingNotifications()
process.exit() // the loop's last request would be waited for
