#include "daemon/mqtt/state_board.hpp"

#include <utility>

namespace b2m {

void StateBoard::set(Message message, Place place) {
  auto found = orders_.find(message.topic);
  if (found == orders_.end())
    found = orders_.emplace(message.topic, place == Place::ahead ? next_ahead_++ : next_order_++).first;
  auto& state = states_[found->second];
  state.message = std::move(message);
  state.cleared = false;
  waiting_.insert(found->second);
}

void StateBoard::forget(std::string_view topic) {
  const auto found = orders_.find(topic);
  if (found == orders_.end()) return;
  waiting_.erase(found->second);
  states_.erase(found->second);  // an answer to what is on its way then finds nothing, and only frees its place
  orders_.erase(found);
}

void StateBoard::clear(const std::string& topic, int qos) {
  set({topic, {}, qos, true}, Place::ahead);
  states_.at(orders_.find(topic)->second).cleared = true;
}

void StateBoard::rewind() {
  inflight_.clear();
  for (auto& [order, state] : states_) {
    state.on_its_way = 0;
    waiting_.insert(order);
  }
}

void StateBoard::repeat() {
  for (const auto& [order, state] : states_) waiting_.insert(order);
}

StateBoard::Outgoing StateBoard::next() {
  if (inflight_.size() >= window_) return {};
  for (const auto order : waiting_) {
    auto& state = states_.at(order);
    if (state.on_its_way != 0) continue;
    waiting_.erase(order);
    state.on_its_way = next_id_++;
    inflight_.emplace(state.on_its_way, order);
    return {state.on_its_way, &state.message};
  }
  return {};
}

bool StateBoard::settle(MessageId id) {
  const auto found = inflight_.find(id);
  if (found == inflight_.end()) return false;
  const auto order = found->second;
  inflight_.erase(found);
  const auto state = states_.find(order);
  if (state == states_.end()) return true;
  state->second.on_its_way = 0;
  if (state->second.cleared && !waiting_.contains(order)) forget(state->second.message.topic);
  return true;
}

const Message* StateBoard::find(std::string_view topic) const {
  const auto found = orders_.find(topic);
  return found == orders_.end() ? nullptr : &states_.at(found->second).message;
}

const Message* StateBoard::find(MessageId id) const {
  const auto order = inflight_.find(id);
  if (order == inflight_.end()) return nullptr;
  const auto state = states_.find(order->second);
  return state == states_.end() ? nullptr : &state->second.message;
}

}  // namespace b2m
