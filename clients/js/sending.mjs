// Sends whatever can be sent, looks for it on the contact's phone, and then in the journals and in the queue.
import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import FormData from 'form-data'
import { api, arrived, CONTACT, contactNumber, options, phone, PHOTO } from './sdk.mjs'

const { message, file, settings } = api
const number = parseInt(contactNumber)
await settings.setSettings({ delaySendMessagesMilliseconds: 0 })

const hello = await message.sendMessage(CONTACT, null, 'Hello')
assert.equal((await arrived(hello, 'text')).text, 'Hello')
await arrived(await message.sendMessage(null, number, 'Hello again', hello.idMessage, false), 'text')
await arrived(await message.sendPoll(CONTACT, null, 'Lunch?', [{ optionName: '12:00' }, { optionName: '13:00' }], true, hello.idMessage), 'poll')
await arrived(await message.sendLocation(CONTACT, null, 'Office', '1 Main Street', 55.75, 37.61), 'location')
await arrived(await message.sendContact(null, number, { phoneContact: 15550003333, firstName: 'Cleo', company: 'Acme' }), 'vcard')
await arrived(await message.sendLink(CONTACT, null, options.host), 'url')

// The contact presses a button of each kind, which only works when it is there.
const pressed = async (sent, button) => phone(contactNumber, 'POST', `messages/${(await arrived(sent, 'media')).id}/press`, { button })
const buttons = [{ buttonId: 'yes', buttonText: 'Yes' }, { buttonId: 'no', buttonText: 'No' }]
await pressed(await message.sendButtons(CONTACT, 'Will you come?', 'Clinic', buttons), 'no')
const templateButtons = [
  { index: 1, urlButton: { displayText: 'Open', url: 'https://shop.example' } },
  { index: 2, callButton: { displayText: 'Call', phoneNumber: '+1 555 000 3333' } },
  { index: 3, quickReplyButton: { displayText: 'Fine', id: 'fine' } },
]
await pressed(await message.sendTemplateButtons(CONTACT, 'Hello', 'Shop', templateButtons), 'fine')
const rows = [{ title: 'Tea', rowId: 'tea' }, { title: 'Coffee', rowId: 'coffee', description: 'Black' }]
await pressed(await message.sendListMessage(CONTACT, 'Choose', 'Open', 'Menu', 'Shop', [{ title: 'Drinks', rows }]), 'coffee')

const form = new FormData()
form.append('chatId', CONTACT)
form.append('caption', 'A photo')
form.append('file', createReadStream(PHOTO))
const uploaded = await file.sendFileByUpload(form)
await arrived(uploaded, 'image')
const { urlFile } = await file.uploadFile(PHOTO)
await arrived(await file.sendFileByUrl(CONTACT, null, urlFile, 'photo.jpg', 'A photo'), 'image')
await arrived(await file.sendFileByUrl(null, number, uploaded.urlFile, 'photo.jpg'), 'image')
assert.match((await file.downloadFile(CONTACT, uploaded.idMessage)).downloadUrl, /^http/)

const forwarded = await message.forwardMessages(CONTACT, CONTACT, [hello.idMessage])
assert.equal((await arrived({ idMessage: forwarded.messages[0] }, 'text')).text, 'Hello')

assert.equal((await message.getMessage(CONTACT, hello.idMessage)).textMessage, 'Hello')
const isHello = ({ idMessage }) => idMessage === hello.idMessage
assert(await message.getChatHistory(CONTACT, 50).then((list) => list.some(isHello)))
assert(await message.lastOutgoingMessages().then((list) => list.some(isHello)))

await settings.setSettings({ delaySendMessagesMilliseconds: 60_000 })
const late = await message.sendMessage(CONTACT, null, 'Too late')
const [queued] = await message.showMessagesQueue()
assert.equal(queued.messageID, late.idMessage)
assert.equal(queued.type, 'sendMessage')
assert.deepEqual(await message.clearMessagesQueue(), { isCleared: true })
assert.deepEqual(await message.showMessagesQueue(), [])
