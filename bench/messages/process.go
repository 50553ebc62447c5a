package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
)

// plainProcess is the process of the plain clients as this one sees it: this program again, with other arguments.
type plainProcess struct {
	command *exec.Cmd
	orders  *json.Encoder
	answers *json.Decoder
	end     func() error
}

// startPlain starts the process and returns when its accounts are linked.
func startPlain(ctx context.Context, control, folder string, accounts int) (*plainProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, self, plainCommand, control, folder, strconv.Itoa(accounts))
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &plainProcess{command, json.NewEncoder(in), json.NewDecoder(out), in.Close}
	if _, err := p.answer(); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// stop ends the process by ending its orders.
func (p *plainProcess) stop() error { return errors.Join(p.end(), p.command.Wait()) }

// ask hands an order over and waits until it is carried out.
func (p *plainProcess) ask(o order) (outcome, error) {
	if err := p.orders.Encode(o); err != nil {
		return outcome{}, err
	}
	return p.answer()
}

func (p *plainProcess) answer() (outcome, error) {
	var o outcome
	err := p.answers.Decode(&o)
	if err == nil && o.Error != "" {
		err = errors.New("plain clients: " + o.Error)
	}
	return o, err
}
