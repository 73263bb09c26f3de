module github.com/jwtverify/jwtverify/bench/peers/go

go 1.25

require github.com/jwtverify/jwtverify/ffi-c/go v0.0.0

replace github.com/jwtverify/jwtverify/ffi-c/go => ../../../ffi-c/go
