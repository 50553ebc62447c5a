// What is done about messages, chats and contacts that are there.
import assert from 'node:assert/strict'
import { api, arrived, CONTACT, contactNumber, eventually, NUMBER, phone, says } from './sdk.mjs'

const { instance, message, settings } = api
await settings.setSettings({ delaySendMessagesMilliseconds: 0, incomingWebhook: 'yes' })
await phone(NUMBER, 'PUT', `contacts/${contactNumber}`, { name: 'Ben Brown' })
const texts = [(await says('Hello')).id, (await says('Hello?')).id]
await eventually('both texts are there', async () => (await message.lastIncomingMessages()).length === 2)

assert.deepEqual(await message.readChat(CONTACT, null, texts[0]), { setRead: true })
assert.deepEqual(await message.readChat(null, parseInt(contactNumber)), { setRead: true })
await eventually('the contact knows that both were read', async () => {
  const read = (await phone(contactNumber, 'GET', 'receipts')).filter(({ type }) => type === 'read').flatMap(({ ids }) => ids)
  return texts.every((id) => read.includes(id))
})

await eventually('the contact', async () => (await instance.getContacts()).some(({ id, contactName }) => id === CONTACT && contactName === 'Ben Brown'))
assert((await instance.getChats()).some(({ id }) => id === CONTACT))

const sent = await message.sendMessage(CONTACT, null, 'Tomorow')
await arrived(sent, 'text')
const edit = await instance.editMessage(CONTACT, sent.idMessage, 'Tomorrow')
assert.match(edit.idMessage, /^3EB0/)
const isEdited = async () => (await message.getMessage(CONTACT, sent.idMessage)).textMessage === 'Tomorrow'
await eventually('the edited text', isEdited)
assert.equal(await instance.deleteMessage(CONTACT, sent.idMessage), '')
await eventually('the message is deleted', async () => (await message.getMessage(CONTACT, sent.idMessage)).isDeleted)

const archived = async () => (await phone(NUMBER, 'GET', 'chats')).some((chat) => chat.archived)
assert.equal(await instance.archiveChat(CONTACT), '')
await eventually('the chat is archived', archived)
assert.equal(await instance.unarchiveChat(CONTACT), '')
await eventually('the chat is back', async () => !(await archived()))
