module greengate/clients

go 1.26.0

require (
	github.com/green-api/whatsapp-api-client-golang-v2 v1.0.3
	github.com/green-api/whatsapp-chatbot-golang v1.0.1
)

require (
	github.com/andybalholm/brotli v1.1.0 // indirect
	github.com/gabriel-vasile/mimetype v1.4.4 // indirect
	github.com/klauspost/compress v1.17.8 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasthttp v1.54.0 // indirect
	golang.org/x/net v0.25.0 // indirect
)
