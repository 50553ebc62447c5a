// Prints the methods that the SDK has for those of the server, under the names it gives them.
import { createRequire } from 'node:module'

const { restAPI } = createRequire(import.meta.url)('@green-api/whatsapp-api-client')
const api = restAPI({ idInstance: '1', apiTokenInstance: '1' })
const ours = /^(constructor|add(Chad|Phone|Message)\w*Param|onReceiving\w+|(start|stop)ReceivingNotifications)$/
for (const part of Object.values(api).filter((value) => value?._restAPI)) {
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(part))) {
    if (!ours.test(name)) console.log(name)
  }
}
