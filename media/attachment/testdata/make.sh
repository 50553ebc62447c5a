#!/bin/sh
# Makes the samples beside it. Needs ffmpeg (with libx264, libvpx, libopus, libmp3lame), espeak-ng, webp and qpdf. They are committed, since
# every version of these tools writes other bytes.
set -eu
cd "$(dirname "$0")"
make() { ffmpeg -v error -y -bitexact "$@"; }
picture="-f lavfi -i testsrc2=size=64x48:rate=10:duration=2"
tone="-f lavfi -i sine=frequency=440:sample_rate=16000:duration=2"

make $picture $tone -c:v libx264 -preset veryslow -crf 45 -pix_fmt yuv420p -c:a aac -b:a 16k -bitexact video.mp4
make -i video.mp4 -c copy -movflags frag_keyframe+empty_moov -bitexact fragments.mp4
make -i video.mp4 -c copy -metadata:s:v rotate=90 -bitexact turned.mov
make -i video.mp4 -c copy -movflags +faststart -f 3gp -bitexact video.3gp
make $picture $tone -c:v libvpx -b:v 20k -c:a libopus -b:a 8k -bitexact video.webm
make -i video.mp4 -c copy -bitexact video.mkv
make $tone -c:a libopus -b:a 8k -bitexact sound.webm
make $tone -c:a aac -b:a 16k -bitexact song.m4a
make $tone -c:a aac -b:a 16k -bitexact song.aac
make $tone -c:a libmp3lame -q:a 9 -bitexact variable.mp3
make $tone -c:a libmp3lame -b:a 16k -write_xing 0 -id3v2_version 3 -metadata title=Tone constant.mp3
make $tone -c:a flac -ar 8000 -t 0.1 -bitexact song.flac
make $tone -c:a libvorbis -q:a -1 -bitexact vorbis.ogg
make $tone -ac 2 -c:a libopus -b:a 8k -bitexact stereo.ogg
make -f lavfi -i "sine=frequency=440:duration=2" -af "volume=0:enable='between(t,1,2)'" -ac 1 -c:a libopus -b:a 8k -vbr off \
	-bitexact halfsilent.ogg
espeak-ng -w voice.wav "Hello. This is a voice note."
make -i voice.wav -c:a libopus -b:a 8k -application voip -bitexact voice.ogg
rm voice.wav
make -f lavfi -i testsrc2=size=64x48:rate=2:duration=1 -loop 0 -quality 10 -bitexact animated.webp
make -f lavfi -i testsrc2=size=64x48:rate=2:duration=1 -bitexact animated.gif
make -f lavfi -i color=red:size=64x48 -frames:v 1 -bitexact still.gif
make -f lavfi -i color=red:size=600x400 -frames:v 1 -quality 10 -bitexact photo.webp
qpdf --object-streams=generate --deterministic-id plain.pdf packed.pdf
qpdf --object-streams=generate --linearize --deterministic-id plain.pdf linearized.pdf
