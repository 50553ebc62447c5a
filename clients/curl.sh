#!/bin/sh
# Calls with nothing but curl, as the reference does and as careless clients do. Wants API_URL, ID_INSTANCE, API_TOKEN_INSTANCE,
# PARTNER_TOKEN, NUMBER, CONTACT, PHONES and PHOTO.
set -eu

# expect STATUS PATTERN PATH [CURL OPTIONS]: calls a path and fails unless status and body are as said.
expect() {
	status=$1 pattern=$2 path=$3
	shift 3
	answer=$(curl -sS -w '\n%{http_code}' "$@" "$API_URL$path")
	[ "${answer##*[!0-9]}" = "$status" ] && printf %s "$answer" | grep -qE -- "$pattern" || {
		echo "$path: want $status and $pattern, got: $answer"
		exit 1
	}
}

# of METHOD: its path for the instance.
of() { echo "/waInstance$ID_INSTANCE/$1/$API_TOKEN_INSTANCE"; }

json='Content-Type: application/json'

expect 200 '^\{"stateInstance":"authorized"\}$' "$(of getStateInstance)"
expect 200 '"statusInstance":"online"' "$(of getStatusInstance)"
expect 200 '^\[\{"stateInstance":"authorized"' "$(of GetStateInstanceHistory)" -X GET -H "$json" -d '{"count":1}'
expect 200 '"saveSettings":true' "$(of setSettings)" -H "$json" -d '{"incomingWebhook":"yes","unknown":1}'
expect 200 '"incomingWebhook":"yes"' "$(of GetSettings)"
expect 200 '"type":"alreadyLogged"' "$(of qr)"
expect 200 '"existsWhatsapp":true' "$(of checkWhatsapp)" -H "$json" -d "{\"phoneNumber\":${CONTACT%@*}}"
expect 200 '"chatId":"'"$CONTACT" "$(of getContactInfo)" -H "$json" -d "{\"chatId\":\"$CONTACT\"}"

# The main job: a photo, as the documentation of GREEN-API uploads it and as careless clients do.
expect 200 '^\{"reason":null,"urlAvatar":"http[^"]*","setProfilePicture":true\}$' "$(of setProfilePicture)" -F "file=@$PHOTO;type=image/jpeg"
expect 200 '"setProfilePicture":true' "$(of SetProfilePicture)" -F note=first -F "picture=@$PHOTO;type=application/octet-stream;filename=blob"
expect 400 'File is empty' "$(of setProfilePicture)" -X POST
expect 400 'File is empty' "$(of setProfilePicture)" -F 'file=;filename=empty.jpg'
expect 400 'Unsupported media type' "$(of setProfilePicture)" -F "file=@$0;type=image/jpeg"
expect 200 '"avatar":"http' "$(of getWaSettings)"
expect 200 '"urlAvatar":"http[^"]*".*"available":true' "$(of getAvatar)" -H "$json" -d "{\"chatId\":\"$CONTACT\"}"
url=$(printf %s "$answer" | sed -n 's/.*"urlAvatar":"\([^"]*\)".*/\1/p')
curl -sSf "$url" | od -An -tx1 -N3 | grep -q 'ff d8 ff' || {
	echo "$url is no JPEG"
	exit 1
}

# Texts, both ways.
expect 200 '^\{"idMessage":"3EB0[0-9A-F]{18}"\}$' "$(of sendMessage)" -H "$json" -d "{\"chatId\":\"$CONTACT\",\"message\":\"Hello\"}"
id=$(printf %s "$answer" | sed -n 's/.*"idMessage":"\([^"]*\)".*/\1/p')
expect 200 '"textMessage":"Hello"' "$(of GetMessage)" -H "$json" -d "{\"chatId\":\"$CONTACT\",\"idMessage\":\"$id\"}"
expect 200 '"sendByApi":true' "$(of getChatHistory)" -H "$json" -d "{\"chatId\":\"$CONTACT\",\"count\":1}"
curl -sSf -o /dev/null -d "{\"to\":\"$NUMBER\",\"text\":\"Hi\"}" "$PHONES/${CONTACT%@*}/messages"
expect 200 '"textMessage":"Hi"' "$(of ReceiveNotification)?receiveTimeout=5"
receipt=$(printf %s "$answer" | sed -n 's/^{"receiptId":\([0-9]*\),.*/\1/p')
expect 200 '^\{"result":true,"reason":""\}$' "$(of DeleteNotification)/$receipt" -X DELETE -H 'Content-Type: application/x-www-form-urlencoded'
expect 200 '^null$' "$(of receiveNotification)?receiveTimeout=1"
expect 200 '"urlFile":"http' "$(of uploadFile)" -H 'Content-Type: image/jpeg' -H 'GA-Filename:  photo.jpg' --data-binary "@$PHOTO"

# What is refused, and how.
expect 401 '^$' "/waInstance$ID_INSTANCE/getStateInstance/wrong"
expect 403 '"statusCode":403' "/waInstance9999999999/getStateInstance/$API_TOKEN_INSTANCE"
expect 404 '"message":"Cannot GET /waInstance' "$(of noSuchMethod)"
expect 404 '"statusCode":404' "$(of setSettings)"
expect 400 '"message":' "$(of checkWhatsapp)" -H "$json" -d '{'
expect 200 '^$' "$(of setProfilePicture)" -X OPTIONS -H 'Origin: https://example.com' -H 'Access-Control-Request-Method: POST'

# The partner's side, double slashes included.
expect 200 '"idInstance":[0-9]+,"apiTokenInstance":"[0-9a-f]{50}"' "//partner/createInstance/$PARTNER_TOKEN" -H "$json" -d '{"name":"Shop"}'
expect 200 '"name":"Shop"' "/partner/getInstances/$PARTNER_TOKEN"
expect 200 '^\{"code":401,"description":"Unauthorized"\}$' /partner/getInstances/wrong
expect 200 '^\{"code":404,"description":"Not found"\}$' "/partner/deleteInstanceAccount/$PARTNER_TOKEN" -H "$json" -d '{"idInstance":9999999999}'

expect 200 '"isReboot":true' "/$(of reboot)/"
expect 200 '"apiTokenInstance":"[0-9a-f]{50}"' "$(of updateApiToken)"
expect 401 '^$' "$(of logout)"
