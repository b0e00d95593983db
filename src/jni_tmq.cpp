// Natives of com.taosdata.jdbc.tmq.TMQConnector: subscriptions.
#include <memory>

#include "jni_env.h"
#include "taos.h"

using namespace opentaos;
using namespace opentaos::jni;
using edge::guard;
using edge::guard_void;

#define CONNECTOR(name) OTS_JNI_EXPORT Java_com_taosdata_jdbc_tmq_TMQConnector_##name

namespace {

constexpr int kErrorText = 1024;

// An object of Java's that waits for the outcome of a commit.
struct CommitWait {
  Vm *vm;
  jobject waiter;  // kept
};

void committed(tmq_t *, int32_t code, void *param) {
  const std::unique_ptr<CommitWait> wait(static_cast<CommitWait *>(param));
  with_java(wait->vm, [&](const Java &java) {
    java.run(wait->waiter, "commitCallbackHandler", "(I)V", {value(jint{code})});
    if (java.failed()) java.clear_exception();  // there is nobody to hear of it
    java.drop_kept(wait->waiter);
  });
}

// What a commit needs to tell `waiter`; nullptr if there is none.
CommitWait *waiting(const Java &java, jobject waiter) {
  Vm *vm = waiter ? java.vm() : nullptr;
  return vm ? new CommitWait{vm, java.keep(waiter)} : nullptr;
}

void commit(Env *env, jlong consumer, jlong result, jobject waiter) {
  guard_void([&] {
    CommitWait *wait = waiting(Java(env), waiter);
    tmq_commit_async(handle<tmq_t>(consumer), handle<TAOS_RES>(result), wait ? committed : nullptr, wait);
  });
}

template <typename Body>
jstring text_of(Env *env, jlong result, Body &&body) {
  return guard<jstring>(
      nullptr, [&]() -> jstring { return result == 0 ? nullptr : Java(env).string(body(handle<TAOS_RES>(result))); });
}

// Runs `body` with a consumer and a topic, both there.
template <typename R, typename Body>
R with_topic(Env *env, jlong consumer, jstring topic, Body &&body) {
  return guard<R>(kOutOfMemory, [&]() -> R {
    if (consumer == 0) return kTmqConsumerNull;
    const auto name = Java(env).text(topic);
    if (!name) return kTmqTopicNull;
    return body(handle<tmq_t>(consumer), name->c_str());
  });
}

}  // namespace

extern "C" {

// ---- configuration

jlong CONNECTOR(tmqConfNewImp)(Env *, jobject) { return number(tmq_conf_new()); }

jint CONNECTOR(tmqConfSetImp)(Env *env, jobject, jlong conf, jstring key, jstring conf_value) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    const Java java(env);
    const auto k = java.text(key), v = java.text(conf_value);
    if (!k) return kTmqConfKeyNull;
    if (!v) return kTmqConfValueNull;
    return tmq_conf_set(handle<tmq_conf_t>(conf), k->c_str(), v->c_str());
  });
}

void CONNECTOR(tmqConfDestroyImp)(Env *, jobject, jlong conf) { tmq_conf_destroy(handle<tmq_conf_t>(conf)); }

// ---- topics

jlong CONNECTOR(tmqTopicNewImp)(Env *, jobject, jlong consumer) {
  return consumer == 0 ? kTmqConsumerNull : number(tmq_list_new());
}

jint CONNECTOR(tmqTopicAppendImp)(Env *env, jobject, jlong topics, jstring name) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (topics == 0) return kTmqTopicNull;
    const auto text = Java(env).text(name);
    return text ? tmq_list_append(handle<tmq_list_t>(topics), text->c_str()) : kTmqTopicNameNull;
  });
}

void CONNECTOR(tmqTopicDestroyImp)(Env *, jobject, jlong topics) { tmq_list_destroy(handle<tmq_list_t>(topics)); }

// ---- a consumer

jlong CONNECTOR(tmqConsumerNewImp)(Env *env, jobject, jlong conf, jobject connector) {
  return guard<jlong>(kOutOfMemory, [&]() -> jlong {
    if (conf == 0) return kTmqConfNull;
    char why[kErrorText] = "";
    tmq_t *consumer = tmq_consumer_new(handle<tmq_conf_t>(conf), why, sizeof why);
    if (consumer) return number(consumer);
    const Java java(env);
    jstring message = java.string(why);
    java.run(connector, "setCreateConsumerErrorMsg", "(Ljava/lang/String;)V", {value(message)});
    return kTmqConsumerCreateError;
  });
}

jint CONNECTOR(tmqSubscribeImp)(Env *, jobject, jlong consumer, jlong topics) {
  if (consumer == 0) return kTmqConsumerNull;
  if (topics == 0) return kTmqTopicNull;
  return tmq_subscribe(handle<tmq_t>(consumer), handle<tmq_list_t>(topics));
}

jint CONNECTOR(tmqSubscriptionImp)(Env *env, jobject, jlong consumer, jobject connector) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (consumer == 0) return kTmqConsumerNull;
    tmq_list_t *topics = nullptr;
    const int32_t code = tmq_subscription(handle<tmq_t>(consumer), &topics);
    if (code == 0) {
      const Java java(env);
      const int32_t n = tmq_list_get_size(topics);
      jarray names = java.string_array(tmq_list_to_c_array(topics), n > 0 ? static_cast<size_t>(n) : 0);
      java.run(connector, "setTopicList", "([Ljava/lang/String;)V", {value(names)});
    }
    tmq_list_destroy(topics);
    return code;
  });
}

jint CONNECTOR(tmqUnsubscribeImp)(Env *, jobject, jlong consumer) {
  return consumer == 0 ? kTmqConsumerNull : tmq_unsubscribe(handle<tmq_t>(consumer));
}

jint CONNECTOR(tmqConsumerCloseImp)(Env *, jobject, jlong consumer) {
  return consumer == 0 ? kTmqConsumerNull : tmq_consumer_close(handle<tmq_t>(consumer));
}

jlong CONNECTOR(tmqConsumerPoll)(Env *, jobject, jlong consumer, jlong wait_ms) {
  return consumer == 0 ? kTmqConsumerNull : number(tmq_consumer_poll(handle<tmq_t>(consumer), wait_ms));
}

jstring CONNECTOR(getErrMsgImp)(Env *env, jobject, jint code) {
  return guard<jstring>(nullptr, [&] { return Java(env).string(tmq_err2str(code)); });
}

// ---- messages

jstring CONNECTOR(tmqGetTopicName)(Env *env, jobject, jlong result) { return text_of(env, result, tmq_get_topic_name); }
jstring CONNECTOR(tmqGetDbName)(Env *env, jobject, jlong result) { return text_of(env, result, tmq_get_db_name); }
jstring CONNECTOR(tmqGetTableName)(Env *env, jobject, jlong result) { return text_of(env, result, tmq_get_table_name); }

jint CONNECTOR(tmqGetVgroupId)(Env *, jobject, jlong result) {
  return result == 0 ? kResultSetNull : tmq_get_vgroup_id(handle<TAOS_RES>(result));
}

jlong CONNECTOR(tmqGetOffset)(Env *, jobject, jlong result) {
  return result == 0 ? kResultSetNull : tmq_get_vgroup_offset(handle<TAOS_RES>(result));
}

jint CONNECTOR(fetchRawBlockImp)(Env *env, jobject, jlong consumer, jlong result, jobject block, jobject columns) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (const jint bad = missing(consumer, result)) return bad;
    return take_block(Java(env), handle<TAOS_RES>(result), block, columns);
  });
}

// ---- commits

jint CONNECTOR(tmqCommitSync)(Env *, jobject, jlong consumer, jlong result) {
  return consumer == 0 ? kTmqConsumerNull : tmq_commit_sync(handle<tmq_t>(consumer), handle<TAOS_RES>(result));
}

jint CONNECTOR(tmqCommitAllSync)(Env *, jobject, jlong consumer) {
  return consumer == 0 ? kTmqConsumerNull : tmq_commit_sync(handle<tmq_t>(consumer), nullptr);
}

jint CONNECTOR(tmqCommitOffsetSyncImp)(Env *env, jobject, jlong consumer, jstring topic, jint vgroup, jlong offset) {
  return with_topic<jint>(env, consumer, topic, [&](tmq_t *tmq, const char *name) {
    return tmq_commit_offset_sync(tmq, name, vgroup, offset);
  });
}

void CONNECTOR(tmqCommitAsync)(Env *env, jobject, jlong consumer, jlong result, jobject waiter) {
  if (consumer != 0) commit(env, consumer, result, waiter);
}

void CONNECTOR(consumerCommitAsync)(Env *env, jobject, jlong consumer, jlong result, jobject waiter) {
  if (consumer != 0) commit(env, consumer, result, waiter);
}

void CONNECTOR(consumerCommitAllAsync)(Env *env, jobject, jlong consumer, jobject waiter) {
  commit(env, consumer, 0, waiter);
}

void CONNECTOR(consumerCommitOffsetAsync)(Env *env, jobject, jlong consumer, jstring topic, jint vgroup, jlong offset,
                                          jobject waiter) {
  guard_void([&] {
    const Java java(env);
    const auto name = java.text(topic);
    CommitWait *wait = waiting(java, waiter);
    tmq_commit_offset_async(handle<tmq_t>(consumer), name ? name->c_str() : nullptr, vgroup, offset,
                            wait ? committed : nullptr, wait);
  });
}

// ---- positions

jint CONNECTOR(tmqSeekImp)(Env *env, jobject, jlong consumer, jstring topic, jint vgroup, jlong offset) {
  return with_topic<jint>(env, consumer, topic,
                          [&](tmq_t *tmq, const char *name) { return tmq_offset_seek(tmq, name, vgroup, offset); });
}

jint CONNECTOR(tmqGetTopicAssignmentImp)(Env *env, jobject, jlong consumer, jstring topic, jobject list) {
  return with_topic<jint>(env, consumer, topic, [&](tmq_t *tmq, const char *name) {
    tmq_topic_assignment *all = nullptr;
    int32_t n = 0;
    const int32_t code = tmq_get_topic_assignment(tmq, name, &all, &n);
    const Java java(env);
    for (int32_t i = 0; code == 0 && i < n && !java.failed(); i++) {
      jobject one = java.make("com/taosdata/jdbc/tmq/Assignment");
      java.run(one, "setVgId", "(I)V", {value(jint{all[i].vgId})});
      java.run(one, "setCurrentOffset", "(J)V", {value(jlong{all[i].currentOffset})});
      java.run(one, "setBegin", "(J)V", {value(jlong{all[i].begin})});
      java.run(one, "setEnd", "(J)V", {value(jlong{all[i].end})});
      java.add_to_list(list, one);
      java.drop(one);
    }
    tmq_free_assignment(all);
    return code;
  });
}

jlong CONNECTOR(tmqCommittedImp)(Env *env, jobject, jlong consumer, jstring topic, jint vgroup) {
  return with_topic<jlong>(env, consumer, topic,
                           [&](tmq_t *tmq, const char *name) { return tmq_committed(tmq, name, vgroup); });
}

jlong CONNECTOR(tmqPositionImp)(Env *env, jobject, jlong consumer, jstring topic, jint vgroup) {
  return with_topic<jlong>(env, consumer, topic,
                           [&](tmq_t *tmq, const char *name) { return tmq_position(tmq, name, vgroup); });
}

}  // extern "C"
