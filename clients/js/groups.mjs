// A group from its beginning to its end, seen from the contact's phone too.
import assert from 'node:assert/strict'
import { api, arrived, CONTACT, contactNumber, phone, PHOTO, third } from './sdk.mjs'

const { group, message } = api
await third.join()
const seen = async () => (await phone(contactNumber, 'GET', 'groups'))[0]

const { created, chatId, groupInviteLink } = await group.createGroup('Gardeners', [CONTACT])
assert.equal(created, true)
assert.match(groupInviteLink, /^https:\/\/chat\.whatsapp\.com\//)
assert.equal((await seen()).subject, 'Gardeners')
assert.deepEqual(await group.addGroupParticipant(chatId, null, third.number), { addParticipant: true })
assert.deepEqual(await group.setGroupAdmin(chatId, third.chatId), { setGroupAdmin: true })
const { participants, size } = await group.getGroupData(chatId)
assert.equal(size, 3)
assert.equal(participants.find(({ id }) => id === third.chatId).isAdmin, true)
assert.deepEqual(await group.removeAdmin(chatId, third.chatId), { removeAdmin: true })
assert.deepEqual(await group.removeGroupParticipant(chatId, third.chatId), { removeParticipant: true })
assert.deepEqual(await group.updateGroupName(chatId, 'Cooks'), { updateGroupName: true })
assert.equal((await group.setGroupPicture(chatId, PHOTO)).setGroupPicture, true)
const { subject, picture, members } = await seen()
assert.equal(subject, 'Cooks')
assert(picture)
assert.equal(members.length, 2)
await arrived(await message.sendMessage(chatId, null, 'Hello, all'), 'text')
assert.equal((await group.leaveGroup(chatId)).leaveGroup, true)
assert.equal((await seen()).members.length, 1)
