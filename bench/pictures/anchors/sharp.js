// The sharp candidate: FILE COUNT. Prints the least CPU time of a picture in microseconds and the growth of the process in kilobytes.
const fs = require('fs')
const sharp = require('sharp')

function processSize (field) {
  return parseInt(fs.readFileSync('/proc/self/status', 'utf8').split(field)[1])
}

async function main () {
  sharp.concurrency(1)
  sharp.cache(false)
  const src = fs.readFileSync(process.argv[2])
  const before = processSize('VmRSS:')
  let least = Infinity
  for (let i = Number(process.argv[3]); i > 0; i--) {
    const start = process.cpuUsage()
    await sharp(src).rotate().resize(640, 640, { fit: 'cover' }).jpeg({ quality: 80 }).toBuffer()
    const took = process.cpuUsage(start)
    least = Math.min(least, took.user + took.system)
  }
  console.log(Math.round(least), processSize('VmHWM:') - before)
}

main()
