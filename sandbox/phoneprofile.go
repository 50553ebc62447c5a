package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// SetPicture sets the person's picture from the phone. It is held to the limits that companions are held to.
func (p *Phone) SetPicture(jpeg []byte) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	_, err := p.w.putPicture(accountPicture(p.account), p.account, nil, jpeg)
	return err
}

// RemovePicture removes the person's picture; without one it does nothing.
func (p *Phone) RemovePicture() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.removePicture(accountPicture(p.account), p.account, nil)
}

// Picture returns the person's own picture as it was set; nil if there is none.
func (p *Phone) Picture() []byte {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.account.avatar.picture == nil {
		return nil
	}
	return p.account.avatar.picture.full
}

// PictureOf returns the picture of another person as this one sees it; nil if there is none or it is hidden.
func (p *Phone) PictureOf(number string) []byte {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	other := p.w.accounts[onlyDigits(number)]
	if other == nil || other.avatar.picture == nil || !other.shows("profile", p.account) {
		return nil
	}
	return other.avatar.picture.full
}

// SetAbout sets the text under the person's name, at most 139 characters.
func (p *Phone) SetAbout(text string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.w.changeAbout(p.account, text)
}

// About returns the text under the person's name.
func (p *Phone) About() string {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.account.about
}

// SetPrivacy chooses who may see a category ("profile", "last", "status", "groupadd", ...), in WhatsApp's words ("all",
// "contacts", "none", ...).
func (p *Phone) SetPrivacy(category, value string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if _, err := p.w.changePrivacy(p.account, nil, category, value); err != nil {
		return fmt.Errorf("set privacy %s to %s: %w", category, value, err)
	}
	return nil
}

// Privacy returns who may see a category; "" for one that does not exist.
func (p *Phone) Privacy(category string) string {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if privacyChoices[category] == nil {
		return ""
	}
	return p.account.privacyOf(category)
}

// Block blocks somebody.
func (p *Phone) Block(number string) error { return p.changeBlocklist(number, "block") }

// Unblock ends a block.
func (p *Phone) Unblock(number string) error { return p.changeBlocklist(number, "unblock") }

func (p *Phone) changeBlocklist(number, action string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	other, err := p.w.byNumber(number)
	if err != nil {
		return err
	}
	p.w.changeBlocklist(p.account, nil, other, action)
	return nil
}

// Blocked lists the numbers that the person has blocked, in order.
func (p *Phone) Blocked() []string {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	var numbers []string
	for lid := range maps.Keys(p.account.blocked) {
		numbers = append(numbers, p.w.account(lid).pn.User)
	}
	slices.Sort(numbers)
	return numbers
}

// DisappearingMode returns the timer with which the account's new chats begin; 0 is off.
func (p *Phone) DisappearingMode() time.Duration {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.account.disappearing
}

// SetBusiness makes the account a business with a profile.
func (p *Phone) SetBusiness(b Business) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.account.business = &b
}

func (w *World) byNumber(number string) (*account, error) {
	if a := w.accounts[onlyDigits(number)]; a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("no phone has this number: %w", errItemNotFound)
}
