-- Take: become the owner of a partition, and learn what is remembered of it.
--
-- KEYS[1]  the partition's hash; its fields:
--            token           the owner's random token; loads and writes must name it
--            owner           the owner's worker id
--            previous_owner  the worker id of the last one before that was another
--            namespace       the live namespace, a part of the name of every other key
--            buckets, span_hours, splits
--                            its layout (store/keys.py), fixed when the namespace is created
--            batch, nonce    the position, for the fence
--            record          everything else remembered of the partition, for the worker
--            accepted_bad    '1' once an operator let a held partition go on
-- KEYS[2]  a key that never exists, to try on it, before anything is taken, every command that
--          write.lua uses: a user without the right to one of them would stop write.lua half-way
-- ARGV[1]  the new owner's token
-- ARGV[2]  its worker id
-- ARGV[3]  the name for a namespace, if there is none
-- ARGV[4]  the layout of that namespace: buckets,
-- ARGV[5]  span_hours,
-- ARGV[6]  splits
--
-- Reply: previous owner or nil · record or nil · namespace · buckets · span_hours · splits
--
-- A client may send this twice when a connection breaks: the second time the token is there
-- already, and the previous owner is not the one who asks.

redis.call('TYPE', KEYS[2])
redis.call('ZSCORE', KEYS[2], '')
redis.call('ZRANGE', KEYS[2], 0, 0)
redis.call('HMGET', KEYS[2], '')
-- From here on they write, or would: XX puts nothing where nothing is.
redis.call('HDEL', KEYS[2], '')
redis.call('ZREM', KEYS[2], '')
redis.call('ZADD', KEYS[2], 'XX', 0, '')

if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  local previous = redis.call('HGET', KEYS[1], 'owner')
  if previous and previous ~= ARGV[2] then
    redis.call('HSET', KEYS[1], 'previous_owner', previous)
  end
  redis.call('HSET', KEYS[1], 'token', ARGV[1], 'owner', ARGV[2])
end

if redis.call('HEXISTS', KEYS[1], 'namespace') == 0 then
  redis.call('HSET', KEYS[1], 'namespace', ARGV[3],
    'buckets', ARGV[4], 'span_hours', ARGV[5], 'splits', ARGV[6])
end

return redis.call('HMGET', KEYS[1],
  'previous_owner', 'record', 'namespace', 'buckets', 'span_hours', 'splits')
