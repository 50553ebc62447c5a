# The finished image holds one static binary, the roots it needs to check WhatsApp's certificate, and an empty /data.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN make build VERSION=$VERSION && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/bin/greengate /greengate
COPY --from=build /src/LICENSE /src/NOTICE /
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
WORKDIR /
VOLUME /data
EXPOSE 8080
ENV GREENGATE_LISTEN=0.0.0.0:8080 GREENGATE_STORE_DSN=/data/greengate.db
STOPSIGNAL SIGTERM
ENTRYPOINT ["/greengate"]
CMD ["serve"]
