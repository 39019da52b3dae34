// Indexes for the daemon: built on a thread that gets what nobody else wants of processor and disk.
#include "index_addon.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "../scan/index.h"

namespace audit {

namespace {

constexpr int kLowestPriority = 19;
// linux/ioprio.h, which glibc does not have: class idle, of this thread.
constexpr int kIoprioWhoProcess = 1;
constexpr int kIoprioIdle = 3 << 13;

struct Work {
  std::string log;
  bool removes_orphans = false;
  ScanControl control;
  // Filled in by the thread.
  IndexBuilt built;
  bool is_there = false;
  uint32_t removed = 0;
};

// A thread of its own: one of the pool could not be given its priority back without a privilege.
void* Run(void* argument) {
  auto* const work = static_cast<Work*>(argument);
  // Refused: then it is done at the daemon's priority.
  setpriority(PRIO_PROCESS, 0, kLowestPriority);
  syscall(SYS_ioprio_set, kIoprioWhoProcess, 0, kIoprioIdle);
  if (work->removes_orphans) {
    work->removed = RemoveOrphanedIndexes(work->log);
  } else if (HasIndex(work->log)) {
    work->is_there = true;
  } else {
    work->built = BuildIndex(work->log, &work->control);
  }
  return nullptr;
}

class IndexWorker final : public Napi::AsyncWorker {
 public:
  IndexWorker(Napi::Env env, std::shared_ptr<Work> work)
      : Napi::AsyncWorker(env), work_(std::move(work)), deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

  void Execute() override {
    pthread_t thread;
    const int error = pthread_create(&thread, nullptr, Run, work_.get());
    if (error == 0) {
      pthread_join(thread, nullptr);
    } else {
      work_->built.path = work_->log;
      work_->built.error = error;
    }
  }

  void OnOK() override {
    const Napi::Env env = Env();
    const IndexBuilt& built = work_->built;
    Napi::Object answer = Napi::Object::New(env);
    answer.Set("isThere", Napi::Boolean::New(env, work_->is_there));
    answer.Set("isBuilt", Napi::Boolean::New(env, built.is_built));
    answer.Set("errno", Napi::Number::New(env, built.error));
    answer.Set("path", Napi::Buffer<char>::Copy(env, built.path.data(), built.path.size()));
    answer.Set("bytes", Napi::Number::New(env, static_cast<double>(built.bytes)));
    answer.Set("removed", Napi::Number::New(env, work_->removed));
    deferred_.Resolve(answer);
  }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  std::shared_ptr<Work> work_;
  Napi::Promise::Deferred deferred_;
};

// One log's index, or what is left of those that have no log any more; run() once.
class IndexWork final : public Napi::ObjectWrap<IndexWork> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "IndexWork",
                       {
                           InstanceMethod<&IndexWork::RunWork>("run"),
                           InstanceMethod<&IndexWork::Cancel>("cancel"),
                       });
  }

  explicit IndexWork(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<IndexWork>(info), work_(std::make_shared<Work>()) {
    if (info.Length() != 2 || !info[0].IsTypedArray() || !info[1].IsBoolean()) {
      Napi::TypeError::New(info.Env(), "IndexWork(log, removesOrphans)").ThrowAsJavaScriptException();
      return;
    }
    const auto log = info[0].As<Napi::Uint8Array>();
    work_->log.assign(reinterpret_cast<const char*>(log.Data()), log.ByteLength());
    work_->removes_orphans = info[1].ToBoolean();
  }

 private:
  Napi::Value RunWork(const Napi::CallbackInfo& info) {
    auto* worker = new IndexWorker(info.Env(), work_);
    const Napi::Promise promise = worker->Promise();
    worker->Queue();
    return promise;
  }

  void Cancel(const Napi::CallbackInfo&) { work_->control.Cancel(); }

  std::shared_ptr<Work> work_;
};

}  // namespace

void ExportIndex(Napi::Env env, Napi::Object exports) { exports.Set("IndexWork", IndexWork::Define(env)); }

}  // namespace audit
