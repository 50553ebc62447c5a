// What the sections have in common: the unmodified JavaScript SDK, pointed at the demo of the environment, and the simulated phones.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

process.on('uncaughtException', (error) => {
  console.error(error.stack, error.response?.data)
  process.exit(1)
})

export const sdk = createRequire(import.meta.url)('@green-api/whatsapp-api-client')
const { API_URL, ID_INSTANCE, API_TOKEN_INSTANCE, PHONES } = process.env
export const { NUMBER, CONTACT, PHOTO } = process.env
export const contactNumber = CONTACT.replace('@c.us', '')
export const options = { host: API_URL, media: API_URL, idInstance: ID_INSTANCE, apiTokenInstance: API_TOKEN_INSTANCE }
export const api = sdk.restAPI(options)

// phone does something with the simulated phone of a number and returns the answer of the control API.
export async function phone(number, verb, path, body) {
  const raw = body === undefined || body instanceof Uint8Array
  const response = await fetch(`${PHONES}/${number}/${path}`, { method: verb, body: raw ? body : JSON.stringify(body) })
  assert.equal(response.status, 200, `${verb} ${path}`)
  return response.json()
}

// third is somebody beside the account and its contact.
export const third = {
  number: 15550003333,
  chatId: '15550003333@c.us',
  join: () => fetch(PHONES, { method: 'POST', body: '{"number":"15550003333","name":"Cleo"}' }),
}

// eventually repeats a question until its answer is true, for ten seconds at most, and returns it.
export async function eventually(what, ask) {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await new Promise((again) => setTimeout(again, 20))) {
    const answer = await ask()
    if (answer) return answer
  }
  assert.fail(`never: ${what}`)
}

// arrived waits for the message of an answer on the contact's phone and checks its kind.
export async function arrived({ idMessage }, type) {
  const message = await eventually(`${type} ${idMessage} at ${contactNumber}`, async () =>
    (await phone(contactNumber, 'GET', 'messages')).find(({ id }) => id === idMessage))
  assert.equal(message.type, type)
  return message
}

// says lets the contact write to the account.
export const says = (text) => phone(contactNumber, 'POST', 'messages', { to: NUMBER, text })
