package handlers_test

import "testing"

func TestPictureIsSet(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		answer := s.upload("setProfilePicture", samplePhoto(t))
		t.Log(answer.status, answer.body)
		t.Log(s.logs)
	})
}
