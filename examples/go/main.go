// Publishes that somebody signed up, and ends: go run . <user id> <campaign id> <email>
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// event is the envelope, as docs/events/schemas/user.signed_up.json says.
type event struct {
	ID         string    `json:"id"`
	Type       string    `json:"type"`
	AccountID  string    `json:"account_id"`
	CampaignID string    `json:"campaign_id"`
	Data       signedUp  `json:"data"`
	Timestamp  time.Time `json:"timestamp"`
}

type signedUp struct {
	UserID     string `json:"user_id"`
	CampaignID string `json:"campaign_id"`
	Email      string `json:"email"`
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("write: go run . <user id> <campaign id> <email>")
	}
	if err := publish(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatalf("not published: %v", err)
	}
}

func publish(userID, campaignID, email string) error {
	id, err := newID()
	if err != nil {
		return err
	}
	value, err := json.Marshal(event{
		ID: id, Type: "user.signed_up", AccountID: campaignID, CampaignID: campaignID,
		Data:      signedUp{UserID: userID, CampaignID: campaignID, Email: email},
		Timestamp: time.Now().UTC(),
	})
	if err != nil {
		return err
	}

	// Idempotent, as this client is unless told otherwise: its retries write no record twice, and keep the order.
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(setting("KAFKA_BROKERS", "localhost:9092"), ",")...),
		kgo.DefaultProduceTopic(setting("KAFKA_TOPIC", "domain-events")),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordDeliveryTimeout(30*time.Second),
	)
	if err != nil {
		return err
	}
	defer client.Close()

	// Keyed by campaign: its events share a partition, the one that Java's client chooses, and are read in order.
	record, err := client.ProduceSync(context.Background(), &kgo.Record{Key: []byte(campaignID), Value: value}).First()
	if err != nil {
		return err
	}
	fmt.Printf("Published %s to %s-%d@%d\n", id, record.Topic, record.Partition, record.Offset)
	return nil
}

// newID makes a random UUID. An event that is sent again has the same id: make it once, and keep it.
func newID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
