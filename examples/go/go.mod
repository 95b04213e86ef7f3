module example.com/publish-domain-events

go 1.21

require github.com/twmb/franz-go v1.18.0
